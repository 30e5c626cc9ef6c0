#include "compiler/reference/Inputs.h"
#include "compiler/dialect/KernelView.h"

using namespace mlir;
using namespace heed;

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

static int64_t valueOf(Extent extent, const Symbols &symbols) {
  return extent >= 0 ? extent : symbols.at(extent);
}

/// Sums of extents are what the tensors have, or tell what no tensor has.
static LogicalResult bindDerived(attn::KernelOp kernel, const Signature &signature,
                                 Symbols &symbols) {
  for (const DerivedExtent &derived : signature.derived) {
    int64_t sum = 0;
    for (auto [extent, factor] : derived.terms)
      sum += valueOf(extent, symbols) * factor;
    int64_t expected = symbols.try_emplace(derived.symbol, sum).first->second;
    if (sum != expected)
      return kernel.emitError() << "inputs give " << sum << " positions of '"
                                << signature.symbols[-derived.symbol - 1] << "', not " << expected;
  }
  return success();
}

/// Lengths and segments lie in [0, limit], indices in [0, limit); segments never decrease.
static LogicalResult checkValues(attn::KernelOp kernel, const SignatureArgument &argument,
                                 const Array &input, const Symbols &symbols) {
  bool isLength = argument.role == Role::KeyLengths || argument.role == Role::QueryLengths ||
                  argument.role == Role::Segments;
  if (!isLength && argument.role != Role::Index)
    return success();
  int64_t limit = valueOf(argument.limit, symbols);
  for (double value : input.values)
    if (value < 0 || value > limit || (value == limit && !isLength))
      return kernel.emitError() << "input " << argument.name << " holds "
                                << static_cast<int64_t>(value) << ", which is not in [0, " << limit
                                << (isLength ? "]" : ")");
  if (argument.role == Role::Segments && !llvm::is_sorted(input.values))
    return kernel.emitError() << "input " << argument.name << " decreases";
  return success();
}

FailureOr<Symbols> heed::checkInputs(attn::KernelOp kernel, Signature signature,
                                     ArrayRef<Array> inputs) {
  if (inputs.size() != kernel.getNumArguments())
    return kernel.emitError() << "takes " << kernel.getNumArguments() << " inputs, not "
                              << inputs.size();
  if (kindOf(kernel) == KernelKind::Linear) { // the signature has the weights packed
    Value weights = viewLinear(kernel)->linear.getWeights();
    signature.arguments[cast<BlockArgument>(weights).getArgNumber()].shape =
        cast<RankedTensorType>(weights.getType()).getShape();
  }
  Symbols symbols;
  for (auto [argument, input] : llvm::zip(signature.arguments, inputs))
    if (failed(bindShape(kernel, argument, input, symbols)))
      return failure();
  if (failed(bindDerived(kernel, signature, symbols)))
    return failure();
  for (auto [argument, input] : llvm::zip(signature.arguments, inputs))
    if (failed(checkValues(kernel, argument, input, symbols)))
      return failure();
  for (auto [number, factor] : signature.multiples) {
    int64_t heads = valueOf(number, symbols), of = valueOf(factor, symbols);
    if (of == 0 || heads % of != 0)
      return kernel.emitError() << heads << " heads are no multiple of " << of;
  }
  return symbols;
}
