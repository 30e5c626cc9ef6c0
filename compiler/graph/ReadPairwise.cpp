#include "compiler/graph/ReadPairwise.h"
#include "compiler/evaluate/HalideDomain.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using Halide::Expr;
using mlir::Value;

namespace heed {
namespace {

/// Which values of the body the parts of a PairTerm are.
struct Parts {
  Value base, numerator, denominator; // base and denominator may be null
  double low = 0, high = 0, factor = 1;
  bool isAtLeastLow = false;
  double addend = 0;
};

bool seesPair(attn::ScoreOp score, Value value) {
  if (auto argument = llvm::dyn_cast<mlir::BlockArgument>(value))
    return argument.getArgNumber() < 2; // x and y
  return llvm::any_of(value.getDefiningOp()->getOperands(),
                      [&](Value operand) { return seesPair(score, operand); });
}

double constantOf(Value value) {
  mlir::FloatAttr number;
  return matchPattern(value, mlir::m_Constant(&number)) ? number.getValueAsDouble() : 0;
}

/// Whether `value` of a rowwise or pairwise body is positive or NaN, whatever it is computed from.
bool isPositive(attn::ScoreOp score, Value value) {
  if (auto argument = llvm::dyn_cast<mlir::BlockArgument>(value)) {
    if (argument.getArgNumber() > 1)
      return false;
    Value rows = argument.getArgNumber() == 0 ? score.getQuery() : score.getKey();
    auto made = rows.getDefiningOp<attn::RowwiseOp>();
    return made && isPositive(score, made.getBody().front().getTerminator()->getOperand(0));
  }
  if (value.getDefiningOp<mlir::math::ExpOp>() || constantOf(value) > 0)
    return true;
  auto product = value.getDefiningOp<mlir::arith::MulFOp>();
  return product && isPositive(score, product.getLhs()) && isPositive(score, product.getRhs());
}

/// Whether `value` is a positive number and a constant of at least `low`, or NaN.
bool isAtLeast(attn::ScoreOp score, Value value, double low) {
  auto sum = value.getDefiningOp<mlir::arith::AddFOp>();
  return sum && constantOf(sum.getRhs()) >= low && isPositive(score, sum.getLhs());
}

/// Where `value` is x * y + a of the pair's positive elements: a; else 0.
double addendOf(attn::ScoreOp score, Value value) {
  auto sum = value.getDefiningOp<mlir::arith::AddFOp>();
  auto product = sum ? sum.getLhs().getDefiningOp<mlir::arith::MulFOp>() : nullptr;
  if (!product || !isPositive(score, product))
    return 0;
  Value x = score.getBody().getArgument(0), y = score.getBody().getArgument(1);
  bool isOfBoth = (product.getLhs() == x && product.getRhs() == y) ||
                  (product.getLhs() == y && product.getRhs() == x);
  return isOfBoth ? constantOf(sum.getRhs()) : 0;
}

Parts partsOf(attn::ScoreOp score) {
  Value rest = score.getBody().front().getTerminator()->getOperand(0);
  Parts parts;
  if (auto sum = rest.getDefiningOp<mlir::arith::AddFOp>()) {
    if (!seesPair(score, sum.getLhs()))
      parts.base = sum.getLhs(), rest = sum.getRhs();
    else if (!seesPair(score, sum.getRhs()))
      parts.base = sum.getRhs(), rest = sum.getLhs();
  }
  parts.numerator = rest;
  auto scaled = rest.getDefiningOp<mlir::arith::MulFOp>();
  double factor = scaled ? constantOf(scaled.getRhs()) : 0;
  auto quotient = (factor ? scaled.getLhs() : rest).getDefiningOp<mlir::arith::DivFOp>();
  auto clamp = quotient ? quotient.getRhs().getDefiningOp<mlir::math::ClampFOp>() : nullptr;
  if (!clamp)
    return parts;
  double low = constantOf(clamp.getMin()), high = constantOf(clamp.getMax());
  if (low < lowestDenominator || high > highestDenominator || low > high)
    return parts;
  parts.numerator = quotient.getLhs(), parts.denominator = clamp.getValue();
  parts.low = low, parts.high = high, parts.factor = factor ? factor : 1;
  parts.isAtLeastLow = isAtLeast(score, parts.denominator, low);
  // w + factor * w / d with |factor| <= 2 a: next to w itself, a quotient past `high` is nothing in
  // float32, and neither is that of a weight which is nothing next to others.
  double addend = addendOf(score, parts.denominator), size = std::abs(parts.factor);
  bool isSmall = size <= 2 * addend && size <= 0x1p-24 * high;
  if (score.getArithmeticType().isF32() && parts.base == parts.numerator && isSmall)
    parts.addend = addend;
  return parts;
}

} // namespace

mlir::FailureOr<PairFunction>
readPairwise(attn::ScoreOp score,
             std::function<Context<Expr>(mlir::ValueRange captures, Expr batch)> contextFor) {
  Parts parts = partsOf(score);
  llvm::SmallVector<Value> wanted;
  for (Value part : {parts.numerator, parts.base, parts.denominator})
    if (part)
      wanted.push_back(part);
  auto read = [=](llvm::ArrayRef<Expr> parameters) mutable {
    return evaluate(score.getBody(), parameters, contextFor(score.getCaptures(), parameters[2]),
                    wanted);
  };
  Expr zero = Halide::Internal::make_zero(score.getArithmeticType().isF64() ? Halide::Float(64)
                                                                            : Halide::Float(32));
  if (failed(read({zero, zero, 0, 0, 0})))
    return mlir::failure();
  return PairFunction([=](Expr x, Expr y, Expr batch, Expr head, Expr column) mutable {
    llvm::SmallVector<Expr> values = *read({x, y, batch, head, column});
    PairTerm term;
    term.numerator = values[0];
    if (parts.base)
      term.base = values[1];
    if (parts.denominator)
      term.denominator = values.back();
    term.low = parts.low, term.high = parts.high, term.factor = parts.factor;
    term.isAtLeastLow = parts.isAtLeastLow, term.addend = parts.addend;
    return term;
  });
}

} // namespace heed
