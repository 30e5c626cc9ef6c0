// Linear and rowwise kernels.
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Operands.h"

using namespace mlir;
using namespace heed;

FailureOr<std::vector<Array>> heed::interpretLinear(LinearView view, const Tensors &tensors) {
  attn::LinearOp linear = view.linear;
  const Array &input = tensors[linear.getInput()];     // (rows, inputs)
  const Array &weights = tensors[linear.getWeights()]; // (inputs, outputs)
  Context<Number> context = captureContext(linear.getCaptures(), tensors);
  Array result({input.shape[0], view.outputs});
  for (int64_t row = 0; row < input.shape[0]; ++row)
    for (int64_t column = 0; column < view.outputs; ++column) {
      double sum = 0;
      for (int64_t i = 0; i < view.inputs; ++i)
        sum += input({row, i}) * weights({i, column});
      auto yielded =
          evaluate(linear.getBody(), {Number(sum), position(row), position(column)}, context);
      if (failed(yielded))
        return failure();
      result({row, column}) = yielded->front().asReal();
    }
  return std::vector<Array>{result};
}

FailureOr<std::vector<Array>> heed::interpretRowwise(RowwiseView view, const Tensors &tensors,
                                                     std::vector<int64_t> shape) {
  FailureOr<Array> result = evaluateRowwise(view.rowwise, std::move(shape), tensors);
  if (failed(result))
    return failure();
  return std::vector<Array>{*result};
}
