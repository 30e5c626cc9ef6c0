// Verifiers and small members of the ops, in the order of AttnOps.td. Labels are those of its
// rules.
#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;
using namespace heed::attn;

#define GET_OP_CLASSES
#include "compiler/dialect/AttnOps.cpp.inc"

static std::string show(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// Extents that must be the same: ? agrees with ? only.
static LogicalResult expectSame(Operation *op, StringRef what, int64_t extent, StringRef otherWhat,
                                int64_t other) {
  if (extent == other)
    return success();
  return op->emitOpError() << what << " is " << show(extent) << " but " << otherWhat << " is "
                           << show(other) << "; they must be the same";
}

static LogicalResult expectShape(Operation *op, StringRef what, RankedTensorType type,
                                 ArrayRef<int64_t> shape) {
  if (type.getShape() == shape)
    return success();
  return op->emitOpError() << what << " must be "
                           << RankedTensorType::get(shape, type.getElementType()) << ", not "
                           << type;
}

//===------------------------------------------------------------------------------------------===//
// Components
//===------------------------------------------------------------------------------------------===//

static bool isBodyScalar(Type type) {
  return type.isF32() || type.isInteger(1) || type.isInteger(32) || type.isInteger(64) ||
         type.isIndex();
}

/// The rules of AttnInterfaces.td, for a body or the ranges of a mask.
static LogicalResult verifyBody(Operation *op, StringRef what, Region &region,
                                ArrayRef<StringRef> parameters, ValueRange captures,
                                ArrayRef<Type> yielded) {
  Builder builder(op->getContext());
  Block &block = region.front();
  SmallVector<Type> expected; // (C1)
  for (StringRef name : parameters)
    expected.push_back(name == "x" || name == "acc" ? Type(builder.getF32Type())
                                                    : Type(builder.getIndexType()));
  llvm::append_range(expected, captures.getTypes());
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return op->emitOpError() << what << " must take " << parameters.size() << " arguments ("
                             << parameters << "), then one for each capture: " << expected
                             << ", not " << block.getArgumentTypes();
  for (Operation &inner : block.without_terminator()) {
    if (!isa<arith::ArithDialect, math::MathDialect, AttnDialect>(inner.getDialect())) // (C2)
      return inner.emitOpError() << "can't stand in " << what << " of '" << op->getName()
                                 << "': it holds arith, math and attn.load operations";
    for (Type type : inner.getResultTypes()) // (C3)
      if (!isBodyScalar(type))
        return inner.emitOpError() << "has type " << type << " in " << what << " of '"
                                   << op->getName() << "': use f32, i1, i32, i64 or index";
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator()); // (C4)
  if (!yield)
    return op->emitOpError() << what << " must end in attn.yield";
  if (!llvm::equal(yield.getValues().getTypes(), yielded))
    return yield.emitOpError() << "must yield " << yielded << " in " << what << " of '"
                               << op->getName() << "', not "
                               << TypeRange(yield.getValues().getTypes());
  return success();
}

LogicalResult heed::attn::verifyComponent(Component component) {
  for (auto constant : component.getBody().getOps<arith::ConstantOp>()) // (C5)
    if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      if (integer.getValue().abs().ugt(uint64_t(1) << 30))
        return constant.emitOpError("must lie in [-2^30, 2^30]: kernels compute in 32 bits");
  return verifyBody(component, "the body", component.getBody(), component.getParameterNames(),
                    component.getCaptures(), component.getYieldedType());
}

/// Parameters are printed under their names, captures under those of the kernel's arguments.
static void nameArguments(Region &region, ArrayRef<StringRef> parameters, ValueRange captures,
                          OpAsmSetValueNameFn setName) {
  if (region.empty())
    return;
  for (auto [argument, name] : llvm::zip(region.getArguments(), parameters))
    setName(argument, name);
  for (auto [argument, capture] :
       llvm::zip(region.getArguments().drop_front(parameters.size()), captures))
    if (auto outer = dyn_cast<BlockArgument>(capture))
      if (auto kernel = dyn_cast<KernelOp>(outer.getOwner()->getParentOp()))
        setName(argument, kernel.getArgumentName(outer.getArgNumber()));
}

#define HEED_COMPONENT(Op, yielded, ...)                                                           \
  ArrayRef<StringRef> Op::getParameterNames() {                                                    \
    static constexpr StringRef names[] = {__VA_ARGS__};                                            \
    return names;                                                                                  \
  }                                                                                                \
  Type Op::getYieldedType() { return Builder(getContext()).yielded; }

HEED_COMPONENT(ModifyOp, getF32Type(), "x", "batch", "head", "query", "key")
HEED_COMPONENT(MaskOp, getI1Type(), "batch", "head", "query", "key")
HEED_COMPONENT(LinearOp, getF32Type(), "acc", "row", "column")
HEED_COMPONENT(RowwiseOp, getF32Type(), "row", "column")
#undef HEED_COMPONENT

static constexpr StringRef rangesParameters[] = {"batch", "head", "first", "last"};

void ModifyOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  nameArguments(region, getParameterNames(), getCaptures(), setName);
}
void MaskOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  ArrayRef<StringRef> names = &region == &getRanges() ? rangesParameters : getParameterNames();
  nameArguments(region, names, getCaptures(), setName);
}
void LinearOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  nameArguments(region, getParameterNames(), getCaptures(), setName);
}
void RowwiseOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  nameArguments(region, getParameterNames(), getCaptures(), setName);
}

//===------------------------------------------------------------------------------------------===//
// Kernels
//===------------------------------------------------------------------------------------------===//

LogicalResult ReturnOp::verify() {
  auto kernel = cast<KernelOp>((*this)->getParentOp());
  if (!llvm::equal(getResults().getTypes(), kernel.getResultTypes())) // (C1)
    return emitOpError() << "returns " << TypeRange(getResults().getTypes()) << " but kernel @"
                         << kernel.getSymName() << " has results " << kernel.getResultTypes();
  return success();
}

//===------------------------------------------------------------------------------------------===//
// Attention
//===------------------------------------------------------------------------------------------===//

double ScoreOp::getScaleFactor() {
  if (auto scale = getScale())
    return scale->convertToDouble();
  return getKind() == ScoreKind::Dot ? 1.0 : 1.0 / std::sqrt(tensorType(getQuery()).getDimSize(3));
}

LogicalResult ScoreOp::verify() {
  ArrayRef<int64_t> query = tensorType(getQuery()).getShape();
  ArrayRef<int64_t> key = tensorType(getKey()).getShape();
  if (failed(expectSame(*this, "query's head dim", query[3], "key's", key[3]))) // (C1)
    return failure();
  if (ShapedType::isDynamic(query[3]))
    return emitOpError("head dim must be static");
  if (failed(expectSame(*this, "query's batch extent", query[0], "key's", key[0]))) // (C2)
    return failure();
  bool dynamicKeyHeads = ShapedType::isDynamic(key[2]); // (C3)
  if (!ShapedType::isDynamic(query[2]) && (dynamicKeyHeads || query[2] % key[2] != 0))
    return emitOpError() << "query's heads (" << query[2] << ") must be a multiple of key's heads ("
                         << show(key[2]) << ")";
  if (failed(expectShape(*this, "result", tensorType(getScores()),
                         {query[0], query[2], query[1], key[1]}))) // (C4)
    return failure();
  if (!getScale()) // (C5)
    return success();
  if (getKind() != ScoreKind::ScaledDot)
    return emitOpError("dot takes no scale: use scaled_dot");
  if (!getScale()->isFinite() || getScale()->isZero())
    return emitOpError("scale must be finite and not 0");
  return success();
}

void MaskOp::build(OpBuilder &, OperationState &state, Value scores, ValueRange captures) {
  state.addOperands(scores);
  state.addOperands(captures);
  state.addRegion();
  state.addRegion();
  state.addTypes(scores.getType());
}

LogicalResult MaskOp::verifyRegions() {
  if (getRanges().empty())
    return success();
  SmallVector<Type> yielded(4, IndexType::get(getContext())); // (C1)
  return verifyBody(*this, "ranges", getRanges(), rangesParameters, getCaptures(), yielded);
}

LogicalResult LogSumExpOp::verify() {
  return expectShape(*this, "result", tensorType(getResult()),
                     tensorType(getScores()).getShape().drop_back()); // (C1)
}

LogicalResult WeightedSumOp::verify() {
  ArrayRef<int64_t> weights = tensorType(getWeights()).getShape();
  ArrayRef<int64_t> value = tensorType(getValue()).getShape();
  if (failed(expectSame(*this, "weights' batch extent", weights[0], "value's", value[0])) ||
      failed(expectSame(*this, "weights' number of keys", weights[3], "value's", value[1]))) // (C1)
    return failure();
  if (ShapedType::isDynamic(value[3])) // (C2)
    return emitOpError("value's dim must be static");
  return expectShape(*this, "result", tensorType(getResult()),
                     {weights[0], weights[2], weights[1], value[3]});
}

//===------------------------------------------------------------------------------------------===//
// Layers
//===------------------------------------------------------------------------------------------===//

LogicalResult LinearOp::verify() {
  ArrayRef<int64_t> input = tensorType(getInput()).getShape();
  ArrayRef<int64_t> weights = tensorType(getWeights()).getShape();
  if (failed(expectSame(*this, "input's number of columns", input[1], "weights' number of rows",
                        weights[0]))) // (C1)
    return failure();
  if (ShapedType::isDynamicShape(weights))
    return emitOpError("weights' extents must be static");
  return expectShape(*this, "result", tensorType(getResult()), {input[0], weights[1]}); // (C2)
}

LogicalResult RowwiseOp::verify() {
  if (tensorType(getResult()).isDynamicDim(1)) // (C1)
    return emitOpError("number of columns must be static");
  return success();
}

//===------------------------------------------------------------------------------------------===//
// Inside regions
//===------------------------------------------------------------------------------------------===//

LogicalResult LoadOp::verify() {
  int64_t rank = tensorType(getTensor()).getRank();
  if (rank != static_cast<int64_t>(getIndices().size())) // (C1)
    return emitOpError() << "has " << getIndices().size() << " indices for a tensor of rank "
                         << rank;
  return success();
}
