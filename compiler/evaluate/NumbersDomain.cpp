#include "compiler/evaluate/NumbersDomain.h"
#include "compiler/evaluate/Evaluate.h"

#include <cmath>
#include <limits>

namespace heed {

/// The float operation on floats; the integer one, wrapping, on integers and i1.
template <typename Operation>
static Number apply(Operation operation, const Number &x, const Number &y) {
  if (x.isReal())
    return Number(operation(x.asReal(), y.asReal()));
  auto bits = operation(static_cast<uint64_t>(x.asInteger()), static_cast<uint64_t>(y.asInteger()));
  return x.isBoolean() ? Number((bits & 1) != 0) : Number(static_cast<int64_t>(bits));
}
Number operator+(const Number &x, const Number &y) { return apply(std::plus<>(), x, y); }
Number operator-(const Number &x, const Number &y) { return apply(std::minus<>(), x, y); }
Number operator*(const Number &x, const Number &y) { return apply(std::multiplies<>(), x, y); }
Number operator/(const Number &x, const Number &y) { return Number(x.asReal() / y.asReal()); }
Number operator-(const Number &x) {
  return x.isReal() ? Number(-x.asReal()) : Number(int64_t(0)) - x;
}

namespace {

class NumbersDomain : public ContextDomain<NumbersDomain, Number> {
public:
  using ContextDomain::ContextDomain;

  Number integer(int64_t value) { return value; }
  Number boolean(bool value) { return value; }
  Number constant(mlir::Attribute attribute) {
    if (auto real = mlir::dyn_cast<mlir::FloatAttr>(attribute))
      return real.getValueAsDouble();
    auto number = mlir::cast<mlir::IntegerAttr>(attribute);
    if (number.getType().isInteger(1))
      return !number.getValue().isZero();
    return number.getValue().getSExtValue();
  }

  Number divide(const Number &x, const Number &y) {
    int64_t a = x.asInteger(), b = y.asInteger();
    if (b == 0 || b == -1) // -1: the quotient of the least integer is no integer
      return b == 0 ? Number(int64_t(0)) : -x;
    return a / b;
  }
  Number floorDivide(const Number &x, const Number &y) {
    int64_t quotient = divide(x, y).asInteger(), b = y.asInteger();
    int64_t rest = x.asInteger() - quotient * b;
    return b != 0 && rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
  }
  Number unsignedDivide(const Number &x, const Number &y) {
    return bits(y) == 0 ? Number(int64_t(0)) : signedBits(bits(x) / bits(y));
  }
  Number unsignedRemainder(const Number &x, const Number &y) {
    return bits(y) == 0 ? x : signedBits(bits(x) % bits(y));
  }
  Number shiftLeft(const Number &x, const Number &y) {
    return x * Number(int64_t(1) << (y.asInteger() & 31));
  }
  Number shiftRight(const Number &x, const Number &y) {
    return x.asInteger() >> (y.asInteger() & 31);
  }
  Number unsignedShiftRight(const Number &x, const Number &y) {
    return signedBits(bits(x) >> (y.asInteger() & 31));
  }
  Number bitAnd(const Number &x, const Number &y) { return like(x, x.asInteger() & y.asInteger()); }
  Number bitOr(const Number &x, const Number &y) { return like(x, x.asInteger() | y.asInteger()); }
  Number bitXor(const Number &x, const Number &y) { return like(x, x.asInteger() ^ y.asInteger()); }
  Number logicalNot(const Number &x) { return !x.asBoolean(); }
  Number logicalOr(const Number &x, const Number &y) { return x.asBoolean() || y.asBoolean(); }

  Number less(const Number &x, const Number &y) {
    if (x.isReal())
      return x.asReal() < y.asReal();
    if (x.isBoolean()) // true is -1
      return x.asBoolean() && !y.asBoolean();
    return x.asInteger() < y.asInteger();
  }
  Number equal(const Number &x, const Number &y) {
    return x.isReal() ? x.asReal() == y.asReal() : x.asInteger() == y.asInteger();
  }
  Number unsignedLess(const Number &x, const Number &y) { return bits(x) < bits(y); }
  Number isNaN(const Number &x) { return std::isnan(x.asReal()); }
  Number select(const Number &condition, const Number &x, const Number &y) {
    return condition.asBoolean() ? x : y;
  }
  Number max(const Number &x, const Number &y) { return less(x, y).asBoolean() ? y : x; }
  Number min(const Number &x, const Number &y) { return less(y, x).asBoolean() ? y : x; }
  Number maximum(const Number &x, const Number &y) {
    return isNaN(x).asBoolean() ? x : isNaN(y).asBoolean() ? y : max(x, y);
  }
  Number minimum(const Number &x, const Number &y) {
    return isNaN(x).asBoolean() ? x : isNaN(y).asBoolean() ? y : min(x, y);
  }
  Number abs(const Number &x) {
    return x.isReal() ? Number(std::abs(x.asReal())) : x.asInteger() < 0 ? -x : x;
  }

  Number cast(const Number &x, mlir::Type type, bool isSigned) {
    if (x.isReal())
      return mlir::isa<mlir::FloatType>(type) ? x : toInteger(x.asReal());
    int64_t integer = x.isBoolean() && isSigned ? -x.asInteger() : x.asInteger();
    if (mlir::isa<mlir::FloatType>(type))
      return isSigned || x.isBoolean() ? double(integer) : double(bits(x));
    if (type.isInteger(1))
      return (integer & 1) != 0;
    return type.isInteger(32) ? int64_t(int32_t(integer)) : integer;
  }

  Number exp(const Number &x) { return std::exp(x.asReal()); }
  Number exp2(const Number &x) { return std::exp2(x.asReal()); }
  Number decay(const Number &x) {
    return std::isnan(x.asReal()) ? x.asReal() : std::exp2(std::max(x.asReal(), -100.0));
  }
  Number log(const Number &x) { return std::log(x.asReal()); }
  Number log2(const Number &x) { return std::log2(x.asReal()); }
  Number pow(const Number &x, const Number &y) { return std::pow(x.asReal(), y.asReal()); }
  Number sqrt(const Number &x) { return std::sqrt(x.asReal()); }
  Number rsqrt(const Number &x) { return 1 / std::sqrt(x.asReal()); }
  Number tanh(const Number &x) { return std::tanh(x.asReal()); }
  Number erf(const Number &x) { return std::erf(x.asReal()); }
  Number sin(const Number &x) { return std::sin(x.asReal()); }
  Number cos(const Number &x) { return std::cos(x.asReal()); }
  Number floor(const Number &x) { return std::floor(x.asReal()); }
  Number ceil(const Number &x) { return std::ceil(x.asReal()); }
  Number trunc(const Number &x) { return std::trunc(x.asReal()); }
  Number roundEven(const Number &x) { return std::nearbyint(x.asReal()); }

private:
  static uint32_t bits(const Number &x) { return static_cast<uint32_t>(x.asInteger()); }
  static Number signedBits(uint32_t bits) { return int64_t(int32_t(bits)); }
  static Number like(const Number &x, int64_t value) {
    return x.isBoolean() ? Number(value != 0) : Number(value);
  }
  /// Towards zero; what doesn't fit 32 bits has no meaning in arith, and is 0 here.
  static Number toInteger(double x) {
    return std::abs(x) < 2147483648.0 ? Number(static_cast<int64_t>(x)) : Number(int64_t(0));
  }
};

} // namespace

mlir::FailureOr<llvm::SmallVector<Number>>
evaluate(mlir::Region &region, llvm::ArrayRef<Number> parameters, const Context<Number> &context) {
  NumbersDomain domain(context);
  return evaluateRegion(region, parameters, domain);
}

} // namespace heed
