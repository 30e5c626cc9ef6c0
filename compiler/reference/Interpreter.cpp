#include "compiler/reference/Interpreter.h"
#include "compiler/dialect/Signature.h"

#include <map>

using namespace mlir;
using namespace heed;

/// Extents by symbol, as the inputs fix them.
using Symbols = std::map<Extent, int64_t>;

static LogicalResult bindShape(attn::KernelOp kernel, const SignatureArgument &argument,
                               const Array &input, Symbols &symbols) {
  if (input.shape.size() != argument.shape.size())
    return kernel.emitError() << "input " << argument.name << " has rank " << input.shape.size()
                              << ", not " << argument.shape.size();
  for (auto [axis, extent] : llvm::enumerate(argument.shape)) {
    int64_t expected =
        extent >= 0 ? extent : symbols.try_emplace(extent, input.shape[axis]).first->second;
    if (input.shape[axis] != expected)
      return kernel.emitError() << "input " << argument.name << " has extent " << input.shape[axis]
                                << " on axis " << axis << ", not " << expected;
  }
  return success();
}

/// Lengths lie in [0, limit], indices in [0, limit).
static LogicalResult checkValues(attn::KernelOp kernel, const SignatureArgument &argument,
                                 const Array &input, const Symbols &symbols) {
  bool isLength = argument.role == Role::KeyLengths || argument.role == Role::QueryLengths;
  if (!isLength && argument.role != Role::Index)
    return success();
  int64_t limit = argument.limit >= 0 ? argument.limit : symbols.at(argument.limit);
  for (double value : input.values)
    if (value < 0 || value > limit || (value == limit && !isLength))
      return kernel.emitError() << "input " << argument.name << " holds "
                                << static_cast<int64_t>(value) << ", which is not in [0, " << limit
                                << (isLength ? "]" : ")");
  return success();
}

static LogicalResult checkInputs(attn::KernelOp kernel, Signature signature, ArrayRef<Array> inputs,
                                 Symbols &symbols) {
  if (inputs.size() != kernel.getNumArguments())
    return kernel.emitError() << "takes " << kernel.getNumArguments() << " inputs, not "
                              << inputs.size();
  if (kindOf(kernel) == KernelKind::Linear) { // the signature has the weights packed
    Value weights = viewLinear(kernel)->linear.getWeights();
    signature.arguments[cast<BlockArgument>(weights).getArgNumber()].shape =
        cast<RankedTensorType>(weights.getType()).getShape();
  }
  for (auto [argument, input] : llvm::zip(signature.arguments, inputs))
    if (failed(bindShape(kernel, argument, input, symbols)))
      return failure();
  for (auto [argument, input] : llvm::zip(signature.arguments, inputs))
    if (failed(checkValues(kernel, argument, input, symbols)))
      return failure();
  auto valueOf = [&](Extent extent) { return extent >= 0 ? extent : symbols.at(extent); };
  for (auto [number, factor] : signature.multiples)
    if (valueOf(factor) == 0 || valueOf(number) % valueOf(factor) != 0)
      return kernel.emitError() << valueOf(number) << " heads are no multiple of "
                                << valueOf(factor);
  return success();
}

FailureOr<std::vector<Array>> heed::interpret(attn::KernelOp kernel, ArrayRef<Array> inputs) {
  FailureOr<Signature> signature = kernelSignature(kernel);
  Symbols symbols;
  if (failed(signature) || failed(checkInputs(kernel, *signature, inputs, symbols)))
    return failure();
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return interpretAttention(*viewAttention(kernel), inputs);
  case KernelKind::Merge:
    return kernel.emitError("can't be interpreted yet");
  case KernelKind::Linear:
    return interpretLinear(*viewLinear(kernel), inputs);
  case KernelKind::Rowwise: {
    Extent rows = signature->arguments.back().shape[0];
    if (rows < 0 && !symbols.contains(rows))
      return kernel.emitError("no input fixes the number of rows");
    return interpretRowwise(*viewRowwise(kernel), inputs, rows >= 0 ? rows : symbols[rows]);
  }
  }
}
