// Linear and rowwise kernels, one element at a time.
#include "compiler/reference/Captures.h"
#include "compiler/reference/Interpreter.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace heed;

FailureOr<std::vector<Array>> heed::interpretLinear(LinearView view, ArrayRef<Array> inputs) {
  attn::LinearOp linear = view.linear;
  const Array &input = inputFor(linear.getInput(), inputs);     // (rows, inputs)
  const Array &weights = inputFor(linear.getWeights(), inputs); // (inputs, outputs)
  Context<Number> context = captureContext(linear, inputs);
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

/// The sums of one row, in the order of the body: a sum may use those before it.
static FailureOr<DenseMap<Operation *, double>> rowSums(RowwiseView view, int64_t row,
                                                        Context<Number> context) {
  attn::RowwiseOp rowwise = view.rowwise;
  DenseMap<Operation *, double> sums;
  for (auto wanted : rowwise.getBody().getOps<attn::RowSumOp>()) {
    double sum = 0;
    context.rowSum = [&](attn::RowSumOp op, Number here) {
      if (op == wanted)
        sum += here.asReal();
      return Number(sums.lookup(op)); // of sums after `wanted` nothing is used
    };
    for (int64_t column = 0; column < view.columns; ++column)
      if (failed(evaluate(rowwise.getBody(), {position(row), position(column)}, context)))
        return failure();
    sums[wanted] = sum;
  }
  return sums;
}

FailureOr<std::vector<Array>> heed::interpretRowwise(RowwiseView view, ArrayRef<Array> inputs,
                                                     int64_t rows) {
  attn::RowwiseOp rowwise = view.rowwise;
  Context<Number> context = captureContext(rowwise, inputs);
  Array result({rows, view.columns});
  for (int64_t row = 0; row < rows; ++row) {
    FailureOr<DenseMap<Operation *, double>> sums = rowSums(view, row, context);
    if (failed(sums))
      return failure();
    context.rowSum = [&](attn::RowSumOp op, Number) { return Number(sums->lookup(op)); };
    for (int64_t column = 0; column < view.columns; ++column) {
      auto yielded = evaluate(rowwise.getBody(), {position(row), position(column)}, context);
      if (failed(yielded))
        return failure();
      result({row, column}) = yielded->front().asReal();
    }
  }
  return std::vector<Array>{result};
}
