#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Inputs.h"

using namespace mlir;
using namespace heed;

/// The shape of a rowwise kernel's result.
static FailureOr<std::vector<int64_t>>
resultShape(attn::KernelOp kernel, const Signature &signature, const Symbols &symbols) {
  std::vector<int64_t> shape;
  for (auto [axis, extent] : llvm::enumerate(signature.arguments.back().shape)) {
    if (extent < 0 && !symbols.contains(extent))
      return kernel.emitError() << "no input tells the extent of the result's axis " << axis;
    shape.push_back(extent >= 0 ? extent : symbols.at(extent));
  }
  return shape;
}

FailureOr<std::vector<Array>> heed::interpret(attn::KernelOp kernel, ArrayRef<Array> inputs) {
  FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return failure();
  FailureOr<Symbols> symbols = checkInputs(kernel, *signature, inputs);
  if (failed(symbols))
    return failure();
  Tensors tensors(kernel, inputs);
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return interpretAttention(*viewAttention(kernel), tensors);
  case KernelKind::Merge:
    return interpretMerge(*viewMerge(kernel), tensors);
  case KernelKind::Linear:
    return interpretLinear(*viewLinear(kernel), tensors);
  case KernelKind::Rowwise: {
    auto shape = resultShape(kernel, *signature, *symbols);
    if (failed(shape))
      return failure();
    return interpretRowwise(*viewRowwise(kernel), tensors, *shape);
  }
  }
}
