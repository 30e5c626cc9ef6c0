// Verifiers and small members of the ops, in the order of AttnOps.td. Labels are those of its
// rules.
#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

#include <cmath>

using namespace mlir;
using namespace heed::attn;

static std::string show(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

static RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

static Type elementType(Value tensor) { return tensorType(tensor).getElementType(); }

Type heed::attn::loadedType(Type element) {
  if (element.isF16() || element.isBF16())
    return Float32Type::get(element.getContext());
  return element.isInteger(8) ? IntegerType::get(element.getContext(), 32) : element;
}

unsigned heed::attn::captureNumber(Value regionArgument) {
  auto argument = cast<BlockArgument>(regionArgument);
  unsigned number = 0;
  for (BlockArgument other :
       argument.getOwner()->getArguments().take_front(argument.getArgNumber()))
    number += isa<RankedTensorType>(other.getType());
  return number;
}

//===------------------------------------------------------------------------------------------===//
// Syntax
//===------------------------------------------------------------------------------------------===//

/// KIND or @name.
static ParseResult parseNormalizerName(OpAsmParser &parser, NormalizerKindAttr &kind,
                                       FlatSymbolRefAttr &normalizer) {
  OptionalParseResult symbol = parser.parseOptionalAttribute(normalizer);
  if (symbol.has_value())
    return *symbol;
  StringRef keyword;
  SMLoc location = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<NormalizerKind> known = symbolizeNormalizerKind(keyword);
  if (!known) {
    InFlightDiagnostic error = parser.emitError(location)
                               << "no normalizer is called '" << keyword << "': there are ";
    for (unsigned i = 0; i <= getMaxEnumValForNormalizerKind(); ++i)
      error << stringifyNormalizerKind(NormalizerKind(i)) << ", ";
    return error << "or @name of an attn.normalizer";
  }
  kind = NormalizerKindAttr::get(parser.getContext(), *known);
  return success();
}

static void printNormalizerName(OpAsmPrinter &printer, Operation *, NormalizerKindAttr kind,
                                FlatSymbolRefAttr normalizer) {
  if (kind)
    printer << stringifyNormalizerKind(kind.getValue());
  else
    printer << normalizer;
}

template <typename Op> static std::string normalizerName(Op op) {
  if (auto kind = op.getKindAttr())
    return stringifyNormalizerKind(kind.getValue()).str();
  return op.getNormalizerAttr() ? "@" + op.getNormalizerAttr().getValue().str() : "";
}

/// The body of a pairwise score; other kinds have none.
static ParseResult parsePairwiseBody(OpAsmParser &parser, ScoreKindAttr kind, Region &body) {
  return kind.getValue() == ScoreKind::Pairwise ? parser.parseRegion(body) : success();
}

static void printPairwiseBody(OpAsmPrinter &printer, ScoreOp score, ScoreKindAttr, Region &body) {
  if (!body.empty())
    printer.printRegion(body);
}

/// `captures(%a, %b : A, B) positions(%a[1] * 16 + %b[1])`, either left out. `positions` holds a
/// term in three numbers: capture, axis, factor.
static ParseResult
parseCapturesAndPositions(OpAsmParser &parser,
                          SmallVectorImpl<OpAsmParser::UnresolvedOperand> &captures,
                          SmallVectorImpl<Type> &types, DenseI64ArrayAttr &positions) {
  if (succeeded(parser.parseOptionalKeyword("captures")))
    if (parser.parseLParen() || parser.parseOperandList(captures) ||
        parser.parseColonTypeList(types) || parser.parseRParen())
      return failure();
  if (failed(parser.parseOptionalKeyword("positions")))
    return success();
  SmallVector<int64_t> terms;
  auto parseTerm = [&]() -> ParseResult {
    OpAsmParser::UnresolvedOperand tensor;
    int64_t axis, factor = 1;
    if (parser.parseOperand(tensor) || parser.parseLSquare() || parser.parseInteger(axis) ||
        parser.parseRSquare())
      return failure();
    if (succeeded(parser.parseOptionalStar()) && parser.parseInteger(factor))
      return failure();
    auto isTensor = [&](const OpAsmParser::UnresolvedOperand &capture) {
      return capture.name == tensor.name && capture.number == tensor.number;
    };
    auto found = llvm::find_if(captures, isTensor);
    if (found == captures.end())
      return parser.emitError(tensor.location, "positions names captures of the op only");
    terms.append({found - captures.begin(), axis, factor});
    return success();
  };
  if (parser.parseLParen() || parseTerm())
    return failure();
  while (succeeded(parser.parseOptionalPlus()))
    if (parseTerm())
      return failure();
  positions = parser.getBuilder().getDenseI64ArrayAttr(terms);
  return parser.parseRParen();
}

static void printCapturesAndPositions(OpAsmPrinter &printer, RowwiseOp rowwise,
                                      OperandRange captures, TypeRange types, DenseI64ArrayAttr) {
  if (!captures.empty())
    printer << "captures(" << captures << " : " << types << ") ";
  SmallVector<RowwiseOp::PositionTerm> terms = rowwise.getPositionTerms();
  if (terms.empty())
    return;
  printer << "positions(";
  llvm::interleave(
      terms, printer,
      [&](RowwiseOp::PositionTerm term) {
        printer << captures[term.capture] << "[" << term.axis << "]";
        if (term.factor != 1)
          printer << " * " << term.factor;
      },
      " + ");
  printer << ") ";
}

#define GET_OP_CLASSES
#include "compiler/dialect/AttnOps.cpp.inc"

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

/// A kernel that computes in f64 has only f64 operands, one that computes in f32 none.
static LogicalResult expectPrecision(Operation *op, StringRef what, Value value, Type arithmetic) {
  if (elementType(value).isF64() == arithmetic.isF64())
    return success();
  return op->emitOpError() << what << " is of " << elementType(value)
                           << " in a kernel that computes in " << arithmetic
                           << ": query, key, value and scores are all f64, or none is";
}

//===------------------------------------------------------------------------------------------===//
// Components
//===------------------------------------------------------------------------------------------===//

static bool isBodyScalar(Type type) {
  return type.isF32() || type.isF64() || type.isInteger(1) || type.isInteger(32) ||
         type.isInteger(64) || type.isIndex();
}

/// The rules of AttnInterfaces.td for one region of `op`: it takes `parameters`, then `captures`.
static LogicalResult verifyBody(Operation *op, StringRef what, Region &region,
                                ArrayRef<StringRef> names, ArrayRef<Type> parameters,
                                TypeRange captures, ArrayRef<Type> yielded) {
  Block &block = region.front();
  SmallVector<Type> expected(parameters); // (C1)
  llvm::append_range(expected, captures);
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return op->emitOpError() << what << " must take " << parameters.size() << " arguments ("
                             << names << "), then one for each capture: " << expected << ", not "
                             << block.getArgumentTypes();
  for (Operation &inner : block.without_terminator()) {
    if (!isa<arith::ArithDialect, math::MathDialect, AttnDialect>(inner.getDialect())) // (C2)
      return inner.emitOpError() << "can't stand in " << what << " of '" << op->getName()
                                 << "': it holds arith, math and attn.load operations";
    for (Type type : inner.getResultTypes()) // (C3)
      if (!isBodyScalar(type))
        return inner.emitOpError() << "has type " << type << " in " << what << " of '"
                                   << op->getName() << "': use f32, f64, i1, i32, i64 or index";
  }
  auto yield = dyn_cast<YieldOp>(block.getTerminator()); // (C4)
  if (!yield)
    return op->emitOpError() << what << " must end in attn.yield";
  if (!llvm::equal(yield.getValues().getTypes(), yielded))
    return yield.emitOpError() << "must yield " << yielded << " in " << what << " of '"
                               << op->getName() << "', not "
                               << TypeRange(yield.getValues().getTypes());
  for (auto constant : block.getOps<arith::ConstantOp>()) // (C5)
    if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      if (integer.getValue().abs().ugt(uint64_t(1) << 30))
        return constant.emitOpError("must lie in [-2^30, 2^30]: kernels compute in 32 bits");
  return success();
}

/// x, y and acc are numbers, all others positions.
static SmallVector<Type> parameterTypes(ArrayRef<StringRef> names, Type arithmetic) {
  Type index = IndexType::get(arithmetic.getContext());
  return llvm::map_to_vector(names, [&](StringRef name) {
    return name == "x" || name == "y" || name == "acc" ? arithmetic : index;
  });
}

LogicalResult heed::attn::verifyComponent(Component component) {
  if (component.getBody().empty())
    return success(); // which op may lack one, its own verifier knows
  return verifyBody(component, "the body", component.getBody(), component.getParameterNames(),
                    parameterTypes(component.getParameterNames(), component.getArithmeticType()),
                    component.getCaptures().getTypes(), component.getYieldedType());
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

static constexpr StringRef modifyParameters[] = {"x", "batch", "head", "query", "key"};
static constexpr StringRef maskParameters[] = {"batch", "head", "query", "key"};
static constexpr StringRef rangesParameters[] = {"batch", "head", "first", "last"};
static constexpr StringRef statusParameters[] = {"batch", "head",      "first",
                                                 "last",  "first_key", "last_key"};
static constexpr StringRef scoreParameters[] = {"x", "y", "batch", "head", "column"};
static constexpr StringRef linearParameters[] = {"acc", "row", "column"};
static constexpr StringRef rowParameters[] = {"row", "column"};
static constexpr StringRef operandParameters[] = {"batch", "position", "head", "column"};

ArrayRef<StringRef> ModifyOp::getParameterNames() { return modifyParameters; }
ArrayRef<StringRef> MaskOp::getParameterNames() { return maskParameters; }
ArrayRef<StringRef> ScoreOp::getParameterNames() { return scoreParameters; }
ArrayRef<StringRef> LinearOp::getParameterNames() { return linearParameters; }
ArrayRef<StringRef> RowwiseOp::getParameterNames() {
  return tensorType(getResult()).getRank() == 4 ? operandParameters : ArrayRef(rowParameters);
}

Type ModifyOp::getArithmeticType() { return elementType(getResult()); }
Type MaskOp::getArithmeticType() { return elementType(getResult()); }
Type ScoreOp::getArithmeticType() { return elementType(getScores()); }
Type LinearOp::getArithmeticType() { return elementType(getResult()); }
Type RowwiseOp::getArithmeticType() { return loadedType(elementType(getResult())); }

Type ModifyOp::getYieldedType() { return getArithmeticType(); }
Type MaskOp::getYieldedType() { return Builder(getContext()).getI1Type(); }
Type ScoreOp::getYieldedType() { return getArithmeticType(); }
Type LinearOp::getYieldedType() { return getArithmeticType(); }
Type RowwiseOp::getYieldedType() { return getArithmeticType(); }

void ModifyOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  nameArguments(region, getParameterNames(), getCaptures(), setName);
}
void MaskOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  ArrayRef<StringRef> names = &region == &getRanges()   ? rangesParameters
                              : &region == &getStatus() ? ArrayRef(statusParameters)
                                                        : getParameterNames();
  nameArguments(region, names, getCaptures(), setName);
}
void ScoreOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn setName) {
  nameArguments(region, getParameterNames(), getCaptures(), setName);
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

SmallVector<RowwiseOp::PositionTerm> RowwiseOp::getPositionTerms() {
  SmallVector<PositionTerm> terms;
  ArrayRef<int64_t> numbers = getPositions() ? *getPositions() : ArrayRef<int64_t>();
  for (size_t i = 0; i + 2 < numbers.size(); i += 3)
    terms.push_back({unsigned(numbers[i]), unsigned(numbers[i + 1]), numbers[i + 2]});
  return terms;
}

LogicalResult RowwiseOp::verify() {
  RankedTensorType result = tensorType(getResult());
  if (result.getRank() != 2 && result.getRank() != 4) // (C1)
    return emitOpError() << "result must be of rank 2 or 4, not " << result;
  if (result.isDynamicDim(result.getRank() - 1))
    return emitOpError("number of columns must be static");
  if (getPositions() && (result.getRank() != 4 || getPositions()->size() % 3 != 0)) // (C2)
    return emitOpError("positions stands on results of rank 4, as a sum of captures' extents");
  for (PositionTerm term : getPositionTerms())
    if (term.capture >= getCaptures().size() ||
        term.axis >= tensorType(getCaptures()[term.capture]).getRank() || term.factor < 1)
      return emitOpError("positions must name axes of captures, with factors of at least 1");
  return success();
}

LogicalResult ProjectOp::verify() {
  ArrayRef<int64_t> input = tensorType(getInput()).getShape();
  ArrayRef<int64_t> weights = tensorType(getWeights()).getShape();
  if (failed(expectSame(*this, "input's number of columns", input[3], "weights' number of rows",
                        weights[1]))) // (C1)
    return failure();
  if (ShapedType::isDynamicShape(weights.drop_front()))
    return emitOpError("weights' last two extents must be static");
  if (weights[0] != 1 && // (C2)
      failed(expectSame(*this, "input's number of heads", input[2], "weights'", weights[0])))
    return failure();
  if (failed(expectPrecision(*this, "input", getInput(), elementType(getResult()))))
    return failure();
  return expectShape(*this, "result", tensorType(getResult()),
                     {input[0], input[1], input[2], weights[2]}); // (C3)
}

double ScoreOp::getScaleFactor() {
  if (auto scale = getScale())
    return scale->convertToDouble();
  return getKind() == ScoreKind::ScaledDot ? 1.0 / std::sqrt(tensorType(getQuery()).getDimSize(3))
                                           : 1.0;
}

void ScoreOp::build(OpBuilder &builder, OperationState &state, Type scores, ScoreKind kind,
                    Value query, Value key, FloatAttr scale) {
  build(builder, state, scores, kind, query, key, ValueRange(), scale);
}

static LogicalResult verifyScoreShape(ScoreOp score) {
  ArrayRef<int64_t> query = tensorType(score.getQuery()).getShape();
  ArrayRef<int64_t> key = tensorType(score.getKey()).getShape();
  if (failed(expectSame(score, "query's head dim", query[3], "key's", key[3]))) // (C1)
    return failure();
  if (ShapedType::isDynamic(query[3]))
    return score.emitOpError("head dim must be static");
  if (failed(expectSame(score, "query's batch extent", query[0], "key's", key[0]))) // (C2)
    return failure();
  bool dynamicKeyHeads = ShapedType::isDynamic(key[2]); // (C3)
  if (!ShapedType::isDynamic(query[2]) && (dynamicKeyHeads || query[2] % key[2] != 0))
    return score.emitOpError() << "query's heads (" << query[2]
                               << ") must be a multiple of key's heads (" << show(key[2]) << ")";
  if (failed(expectPrecision(score, "query", score.getQuery(), score.getArithmeticType())) ||
      failed(expectPrecision(score, "key", score.getKey(), score.getArithmeticType())))
    return failure();
  return expectShape(score, "result", tensorType(score.getScores()),
                     {query[0], query[2], query[1], key[1]}); // (C4)
}

LogicalResult ScoreOp::verify() {
  if (failed(verifyScoreShape(*this)))
    return failure();
  bool isPairwise = getKind() == ScoreKind::Pairwise; // (C6)
  if (isPairwise == getBody().empty())
    return emitOpError() << stringifyScoreKind(getKind())
                         << (isPairwise ? " needs a body" : " has no body");
  if (!isPairwise && !getCaptures().empty())
    return emitOpError() << stringifyScoreKind(getKind()) << " has no captures";
  if (!getScale()) // (C5)
    return success();
  if (getKind() != ScoreKind::ScaledDot)
    return emitOpError() << stringifyScoreKind(getKind()) << " takes no scale: use scaled_dot";
  if (!getScale()->isFinite() || getScale()->isZero())
    return emitOpError("scale must be finite and not 0");
  return success();
}

void MaskOp::build(OpBuilder &, OperationState &state, Value scores, ValueRange captures) {
  state.addOperands(scores);
  state.addOperands(captures);
  for (int body = 0, status = 2; body <= status; ++body)
    state.addRegion();
  state.addTypes(scores.getType());
}

LogicalResult MaskOp::verifyRegions() {
  Type index = IndexType::get(getContext()), truth = IntegerType::get(getContext(), 1);
  TypeRange captures = getCaptures().getTypes();
  if (!getRanges().empty() && // (C1)
      failed(verifyBody(*this, "ranges", getRanges(), rangesParameters,
                        {index, index, index, index}, captures, {index, index, index, index})))
    return failure();
  if (getStatus().empty()) // (C2)
    return success();
  return verifyBody(*this, "status", getStatus(), statusParameters,
                    {index, index, index, index, index, index}, captures, {truth, truth});
}

LogicalResult LogSumExpOp::verify() {
  return expectShape(*this, "result", tensorType(getResult()),
                     tensorType(getScores()).getShape().drop_back()); // (C1)
}

LogicalResult KeySumOp::verify() {
  ArrayRef<int64_t> weights = tensorType(getWeights()).getShape();
  return expectShape(*this, "result", tensorType(getResult()),
                     {weights[0], weights[1], weights[3]}); // (C1)
}

/// weighted_sum (C1), (C2), (C4); `columns` follow the weights' extents in the result.
static LogicalResult verifySum(Operation *op, Value weights, Value value, Value result,
                               int64_t columns) {
  ArrayRef<int64_t> w = tensorType(weights).getShape(), v = tensorType(value).getShape();
  if (failed(expectSame(op, "weights' batch extent", w[0], "value's", v[0])) ||
      failed(expectSame(op, "weights' number of keys", w[3], "value's", v[1])))
    return failure();
  if (ShapedType::isDynamic(v[3]))
    return op->emitOpError("value's dim must be static");
  if (failed(expectPrecision(op, "value", value, elementType(weights))) ||
      failed(expectPrecision(op, "result", result, elementType(weights))))
    return failure();
  return expectShape(op, "result", tensorType(result), {w[0], w[2], w[1], columns});
}

void WeightedSumOp::build(OpBuilder &builder, OperationState &state, Type result, Value weights,
                          Value value) {
  build(builder, state, result, weights, value, /*weights_as=*/TypeAttr());
}

LogicalResult WeightedSumOp::verify() {
  if (auto type = getWeightsAs(); type && (!type->isBF16() || !elementType(getWeights()).isF32()))
    return emitOpError() << "weights_as is " << *type << " of weights that are "
                         << elementType(getWeights())
                         << ": only f32 may be rounded, and only to bf16"; // (C5)
  return verifySum(*this, getWeights(), getValue(), getResult(),
                   tensorType(getValue()).getDimSize(3));
}

LogicalResult PartialOp::verify() { // how many state values there are, the kernel's verifier knows
  RankedTensorType result = tensorType(getResult());
  if (result.getElementType() != elementType(getWeights()) ||
      result.getDimSize(3) < tensorType(getValue()).getDimSize(3))
    return emitOpError("result must be of the weights' type and have a dim for each of the value's "
                       "and of the normalizer's state");
  return verifySum(*this, getWeights(), getValue(), getResult(), result.getDimSize(3));
}

LogicalResult MergeOp::verify() {
  if (tensorType(getResult()).isDynamicDim(3))
    return emitOpError("number of columns must be static");
  return success();
}

LogicalResult FinishOp::verify() {
  ArrayRef<int64_t> state = tensorType(getState()).getShape();
  int64_t columns = tensorType(getResult()).getDimSize(3);
  if (ShapedType::isDynamic(columns) || ShapedType::isDynamic(state[3]))
    return emitOpError("numbers of columns must be static");
  if (failed(expectPrecision(*this, "result", getResult(), elementType(getState()))) ||
      failed(expectShape(*this, "result", tensorType(getResult()),
                         {state[0], state[1], state[2], columns})))
    return failure();
  if (!getLogSumExp())
    return success();
  return expectShape(*this, "log-sum-exp", tensorType(getLogSumExp()),
                     {state[0], state[2], state[1]});
}

void NormalizeOp::build(OpBuilder &builder, OperationState &state, NormalizerKind kind,
                        Value scores, ValueRange captures) {
  build(builder, state, scores.getType(), NormalizerKindAttr::get(builder.getContext(), kind),
        FlatSymbolRefAttr(), scores, captures);
}

std::string NormalizeOp::getNormalizerName() { return normalizerName(*this); }
std::string MergeOp::getNormalizerName() { return normalizerName(*this); }
std::string FinishOp::getNormalizerName() { return normalizerName(*this); }

//===------------------------------------------------------------------------------------------===//
// Normalizers
//===------------------------------------------------------------------------------------------===//

/// The types of a region's arguments that stand for captures.
static SmallVector<Type> tensorsOf(Region &region) {
  return SmallVector<Type>(
      llvm::make_filter_range(region.getArgumentTypes(), llvm::IsaPred<RankedTensorType>));
}

SmallVector<Type> NormalizerOp::getCaptureTypes() { return tensorsOf(getSummarize()); }
SmallVector<Type> ThresholdNormalizerOp::getCaptureTypes() { return tensorsOf(getWeight()); }

namespace {
/// The regions of a normalizer: numbers, then what of the surroundings they take, then captures.
class NormalizerVerifier {
public:
  NormalizerVerifier(Operation *op, Type arithmetic, SmallVector<Type> captures)
      : op(op), arithmetic(arithmetic), captures(std::move(captures)) {}

  /// What the first argument of the op's main region says the numbers are.
  LogicalResult isArithmetic() {
    if (arithmetic && (arithmetic.isF32() || arithmetic.isF64()))
      return success();
    return op->emitOpError("numbers must be f32 or f64: that of the first region's x");
  }

  /// A region that takes `names`, all numbers, and yields `yielded` numbers.
  LogicalResult plain(StringRef what, Region &region, ArrayRef<StringRef> names, unsigned yielded) {
    return verify(what, region, names, numbers(names.size()), TypeRange(), yielded);
  }
  /// The same; after its numbers it takes the position and the captures.
  LogicalResult placed(StringRef what, Region &region, SmallVector<StringRef> names,
                       unsigned yielded) {
    SmallVector<Type> parameters = numbers(names.size());
    parameters.append(3, IndexType::get(op->getContext()));
    names.append({"batch", "head", "query"});
    return verify(what, region, names, parameters, captures, yielded);
  }

private:
  SmallVector<Type> numbers(size_t n) { return SmallVector<Type>(n, arithmetic); }
  LogicalResult verify(StringRef what, Region &region, ArrayRef<StringRef> names,
                       ArrayRef<Type> parameters, TypeRange captured, unsigned yielded) {
    return verifyBody(op, what, region, names, parameters, captured, numbers(yielded));
  }

  Operation *op;
  Type arithmetic;
  SmallVector<Type> captures;
};
} // namespace

static Type firstArgumentType(Region &region) {
  return region.getNumArguments() ? region.getArgument(0).getType() : Type();
}

LogicalResult NormalizerOp::verifyRegions() {
  Type arithmetic = firstArgumentType(getSummarize());
  NormalizerVerifier verifier(*this, arithmetic, getCaptureTypes());
  if (failed(verifier.isArithmetic()))
    return failure();
  unsigned states = getStateCount();
  SmallVector<StringRef> state(states, "state"), scored = {"x"}, two(2 * states, "state");
  scored.append(state);
  if (failed(verifier.plain("identity", getIdentity(), {}, states)) ||
      failed(verifier.placed("summarize", getSummarize(), {"x"}, states)) ||
      failed(verifier.placed("weight", getWeight(), scored, 1)) ||
      failed(verifier.plain("merge", getMerge(), two, states + 2)))
    return failure();
  return verifier.placed("finalize", getFinalize(), state, hasLogSumExp() ? 2 : 1);
}

LogicalResult ThresholdNormalizerOp::verifyRegions() {
  NormalizerVerifier verifier(*this, firstArgumentType(getWeight()), getCaptureTypes());
  if (failed(verifier.isArithmetic()) || failed(verifier.plain("bracket", getBracket(), {}, 2)))
    return failure();
  return verifier.placed("weight", getWeight(), {"x", "threshold"}, 1);
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

//===------------------------------------------------------------------------------------------===//
// Inside regions
//===------------------------------------------------------------------------------------------===//

static LogicalResult expectIndices(Operation *op, Value tensor, size_t indices) {
  int64_t rank = tensorType(tensor).getRank();
  if (rank == static_cast<int64_t>(indices))
    return success();
  return op->emitOpError() << "has " << indices << " indices for a tensor of rank " << rank;
}

LogicalResult LoadOp::verify() { return expectIndices(*this, getTensor(), getIndices().size()); }
LogicalResult ExtentOp::verify() {
  uint64_t rank = tensorType(getTensor()).getRank();
  if (getAxis() < rank) // (C1)
    return success();
  return emitOpError() << "names axis " << getAxis() << " of a tensor of rank " << rank;
}

/// `op` stands in `region` of its parent, which is called `name`.
static LogicalResult expectRegion(Operation *op, Region &region, StringRef name) {
  if (op->getParentRegion() == &region)
    return success();
  return op->emitOpError() << "stands in " << name << " only";
}

template <typename Op> static LogicalResult verifyLoadBound(Op op) {
  if (failed(expectIndices(op, op.getTensor(), op.getFirst().size()))) // (C1)
    return failure();
  return expectRegion(op, cast<MaskOp>(op->getParentOp()).getStatus(), "status"); // (C2)
}
LogicalResult LoadMinOp::verify() { return verifyLoadBound(*this); }
LogicalResult LoadMaxOp::verify() { return verifyLoadBound(*this); }

static LogicalResult expectSummarize(Operation *op) {
  return expectRegion(op, cast<NormalizerOp>(op->getParentOp()).getSummarize(), "summarize");
}
LogicalResult BlockMaxOp::verify() { return expectSummarize(*this); }
LogicalResult BlockSumOp::verify() { return expectSummarize(*this); }
