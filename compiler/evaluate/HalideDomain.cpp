#include "compiler/evaluate/HalideDomain.h"
#include "compiler/evaluate/Evaluate.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/evaluate/Storage.h"

#include <algorithm>
#include <limits>

using Halide::Expr;

namespace heed {
namespace {

Halide::Type halideType(mlir::Type type) {
  if (type.isF32() || type.isF64())
    return Halide::Float(int(type.getIntOrFloatBitWidth()));
  return type.isInteger(1) ? Halide::Bool() : Halide::Int(32);
}

class HalideDomain : public ContextDomain<HalideDomain, Expr> {
public:
  using ContextDomain::ContextDomain;

  Expr integer(int64_t value) {
    constexpr int64_t low = std::numeric_limits<int32_t>::min(),
                      high = std::numeric_limits<int32_t>::max();
    return Expr(static_cast<int32_t>(std::clamp(value, low, high)));
  }
  Expr boolean(bool value) { return Halide::Internal::make_bool(value); }
  Expr constant(mlir::Attribute attribute) {
    if (auto real = mlir::dyn_cast<mlir::FloatAttr>(attribute))
      return real.getType().isF64() ? Expr(real.getValueAsDouble())
                                    : Expr(float(real.getValueAsDouble()));
    auto number = mlir::cast<mlir::IntegerAttr>(attribute);
    return number.getType().isInteger(1) ? boolean(!number.getValue().isZero())
                                         : integer(number.getValue().getSExtValue());
  }

  /// What the context gives, in the type the domain has for it.
  mlir::FailureOr<Expr> surroundings(mlir::Operation *op, llvm::ArrayRef<Expr> operands) {
    mlir::FailureOr<Expr> value = ContextDomain::surroundings(op, operands);
    if (failed(value))
      return value;
    Halide::Type type = halideType(op->getResult(0).getType());
    return type.is_bool() && !value->type().is_bool() ? *value != 0 : widened(*value, type);
  }

  // Integers. Halide's own division rounds so that the remainder is never negative.
  Expr divide(Expr x, Expr y) {
    Expr magnitude = abs(x) / abs(y);
    return select((x < 0) != (y < 0), -magnitude, magnitude);
  }
  Expr floorDivide(Expr x, Expr y) { return select(y < 0, (-x) / abs(y), x / abs(y)); }
  Expr unsignedDivide(Expr x, Expr y) { return signedBits(bits(x) / bits(y)); }
  Expr unsignedRemainder(Expr x, Expr y) {
    return signedBits(bits(x) - bits(x) / bits(y) * bits(y));
  }
  Expr shiftLeft(Expr x, Expr y) { return x << y; }
  Expr shiftRight(Expr x, Expr y) { return x >> y; }
  Expr unsignedShiftRight(Expr x, Expr y) { return signedBits(bits(x) >> bits(y)); }
  Expr bitAnd(Expr x, Expr y) { return x.type().is_bool() ? x && y : x & y; }
  Expr bitOr(Expr x, Expr y) { return x.type().is_bool() ? x || y : x | y; }
  Expr bitXor(Expr x, Expr y) { return x.type().is_bool() ? x != y : x ^ y; }
  Expr logicalNot(Expr x) { return !x; }
  Expr logicalOr(Expr x, Expr y) { return x || y; }
  Expr max(Expr x, Expr y) { return Halide::max(x, y); }
  Expr min(Expr x, Expr y) { return Halide::min(x, y); }
  Expr abs(Expr x) {
    return x.type().is_float() ? Halide::abs(x) : Halide::cast<int32_t>(Halide::abs(x));
  }

  // Comparisons and choices. On floats strict: not `nnan`.
  Expr less(Expr x, Expr y) {
    if (x.type().is_bool()) // true is -1
      return x && !y;
    return x.type().is_float() ? strict_float(x < y) : x < y;
  }
  // Integers by their bits: where x / 2 * 2 == x in a loop split by an even factor, Halide 21
  // solves for the outer loop's variable, whose coefficient is 0, and divides by that.
  Expr equal(Expr x, Expr y) {
    if (x.type().is_bool())
      return x == y;
    return x.type().is_float() ? strict_float(x == y) : (x ^ y) == 0;
  }
  Expr unsignedLess(Expr x, Expr y) { return x.type().is_bool() ? !x && y : bits(x) < bits(y); }
  Expr isNaN(Expr x) { return isNaNBits(x); }
  Expr select(Expr condition, Expr x, Expr y) {
    // A float is chosen by its bits: LLVM may not assume that it is no NaN or infinity.
    return x.type().is_float() ? selectBits(condition, x, y) : Halide::select(condition, x, y);
  }
  Expr maximum(Expr x, Expr y) { return carryNaN(x, carryNaN(y, Halide::max(x, y))); }
  Expr minimum(Expr x, Expr y) { return carryNaN(x, carryNaN(y, Halide::min(x, y))); }

  Expr cast(Expr x, mlir::Type type, bool isSigned) {
    if (mlir::isa<mlir::FloatType>(type) && x.type().is_float())
      return Halide::cast(halideType(type), x);
    if (mlir::isa<mlir::FloatType>(type))
      return Halide::cast(halideType(type),
                          isSigned || x.type().is_bool() ? signedValue(x, isSigned) : bits(x));
    if (type.isInteger(1))
      return (x & 1) != 0;
    return Halide::cast<int32_t>(signedValue(x, isSigned));
  }

  Expr exp(Expr x) { return expApprox(x); }
  Expr exp2(Expr x) { return context.exp2 ? context.exp2(x) : exp2Approx(x); }
  Expr decay(Expr x) { return context.exp2 ? decayFrom(context.exp2, x) : decayApprox(x); }
  Expr tanh(Expr x) { return tanhApprox(x); }
  Expr erf(Expr x) { return erfApprox(x); }
  Expr log(Expr x) { return logApprox(x); }
  Expr log2(Expr x) { return logApprox(x) * numberLike(x, 1.44269504088896341); }
  Expr pow(Expr x, Expr y) { return carryNaN(x, carryNaN(y, Halide::pow(x, y))); }
  Expr sqrt(Expr x) { return Halide::sqrt(x); }
  Expr rsqrt(Expr x) { return numberLike(x, 1) / Halide::sqrt(x); }
  Expr sin(Expr x) { return Halide::sin(x); }
  Expr cos(Expr x) { return Halide::cos(x); }
  Expr floor(Expr x) { return Halide::floor(x); }
  Expr ceil(Expr x) { return Halide::ceil(x); }
  Expr trunc(Expr x) { return Halide::trunc(x); }
  Expr roundEven(Expr x) { return Halide::round(x); }

private:
  static Expr bits(Expr x) { return Halide::reinterpret<uint32_t>(x); }
  static Expr signedBits(Expr x) { return Halide::reinterpret<int32_t>(x); }
  /// A bool as 0 and, if signed, -1; anything else as it is.
  static Expr signedValue(Expr x, bool isSigned) {
    return x.type().is_bool() ? Halide::select(x, isSigned ? -1 : 1, 0) : x;
  }
  static Expr carryNaN(Expr from, Expr value) { return selectBits(isNaNBits(from), from, value); }
};

} // namespace

mlir::FailureOr<llvm::SmallVector<Expr>>
evaluate(mlir::Region &region, llvm::ArrayRef<Expr> parameters, const Context<Expr> &context,
         mlir::ValueRange wanted) {
  HalideDomain domain(context);
  return evaluateRegion(region, parameters, domain, wanted);
}

} // namespace heed
