#include "compiler/evaluate/LinearForm.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

#include <cstdlib>
#include <numeric>

using namespace mlir;

namespace heed {

/// Coefficients stay so small that their products fit; past that nothing is known.
static LinearForm limited(LinearForm form) {
  constexpr int64_t limit = int64_t(1) << 30;
  if (std::abs(form.slope) > limit || form.divisor > limit)
    return {};
  if (form.slope == 0 && form.divisor != 1) {
    form.low = floorDivide(form.low, form.divisor);
    form.high = floorDivide(form.high, form.divisor);
    form.divisor = 1;
  }
  return form;
}

/// Bounds by the same computation of both ends, done once where the ends are one.
template <typename Function> static void setBounds(LinearForm &form, bool exact, Function bound) {
  form.low = bound(false);
  form.high = exact ? form.low : bound(true);
}

/// The form with its floor taken out: divisor * value = slope * key + v holds exactly, for more v.
static LinearForm withoutFloor(LinearForm form) {
  form.low = add(form.low, -(form.divisor - 1));
  return form;
}

LinearForm add(const LinearForm &x, const LinearForm &y) {
  if (x.divisor != 1 && y.divisor == 1)
    return add(y, x);
  LinearForm a = x, b = y;
  if (a.divisor != 1)
    a = withoutFloor(a), b = withoutFloor(b);
  int64_t common = std::lcm(a.divisor, b.divisor);
  int64_t ofA = common / a.divisor, ofB = common / b.divisor;
  LinearForm sum;
  sum.slope = ofA * a.slope + ofB * b.slope;
  sum.divisor = common;
  sum.nonNegative = x.nonNegative && y.nonNegative;
  setBounds(sum, a.isExact() && b.isExact(), [&](bool high) {
    return add(multiply(high ? a.high : a.low, ofA), multiply(high ? b.high : b.low, ofB));
  });
  return limited(sum);
}

LinearForm subtract(const LinearForm &x, const LinearForm &y) {
  if (x.divisor != 1 || y.divisor != 1)
    return add(x, negate(y));
  LinearForm difference;
  difference.slope = x.slope - y.slope;
  setBounds(difference, x.isExact() && y.isExact(),
            [&](bool high) { return high ? subtract(x.high, y.low) : subtract(x.low, y.high); });
  return limited(difference);
}

// -floor(r / d) = floor((d - 1 - r) / d)
LinearForm negate(const LinearForm &x) {
  LinearForm result;
  result.slope = -x.slope;
  result.divisor = x.divisor;
  setBounds(result, x.isExact(), [&](bool high) -> Bound {
    Bound from = high ? x.low : x.high;
    return from ? subtract(constantBound(from.getParentBlock(), x.divisor - 1), from) : from;
  });
  return result;
}

LinearForm scale(const LinearForm &x, int64_t factor) {
  if (factor < 0)
    return negate(scale(x, -factor));
  if (factor > infiniteKey)
    return {};
  LinearForm from = x.divisor == 1 ? x : withoutFloor(x);
  LinearForm result;
  result.slope = from.slope * factor;
  result.divisor = from.divisor;
  result.nonNegative = x.nonNegative;
  setBounds(result, from.isExact(),
            [&](bool high) { return multiply(high ? from.high : from.low, factor); });
  return limited(result);
}

// floor(floor(r / a) / b) = floor(r / (a b))
LinearForm floorDivide(const LinearForm &x, int64_t divisor) {
  LinearForm result = x;
  if (divisor > infiniteKey)
    return {};
  result.divisor *= divisor;
  bool exact = x.isExact();
  result = limited(result);
  if (exact)
    result.high = result.low;
  return result;
}

// Towards zero is down for x >= 0 and up for x < 0: floor((x + divisor - 1) / divisor).
LinearForm truncatingDivide(const LinearForm &x, int64_t divisor) {
  LinearForm from = x;
  if (!x.nonNegative && divisor <= infiniteKey)
    from.high = add(from.high, x.divisor * (divisor - 1));
  return floorDivide(from, divisor);
}

LinearForm hull(const LinearForm &x, const LinearForm &y) {
  if (x.slope != y.slope || x.divisor != y.divisor)
    return {};
  LinearForm both = x;
  both.low = smaller(x.low, y.low, Infinity::Wins);
  both.high = larger(x.high, y.high, Infinity::Wins);
  both.nonNegative = x.nonNegative && y.nonNegative;
  return both;
}

static Value isPositive(Bound bound) {
  OpBuilder builder = OpBuilder::atBlockEnd(bound.getParentBlock());
  return builder.createOrFold<arith::CmpIOp>(bound.getLoc(), arith::CmpIPredicate::sgt, bound,
                                             constantBound(bound.getParentBlock(), 0));
}

KeySets keysWhereLess(const LinearForm &x, const LinearForm &y) {
  if (y.slope * x.divisor > x.slope * y.divisor) {
    // x - y = floor((-n key + v) / d) < 0: n key > v
    LinearForm difference = subtract(x, y);
    int64_t n = -difference.slope;
    auto ray = [&](Bound v) { return KeyInterval{add(floorDivide(v, n), 1), {}}; };
    return {ray(difference.low), difference.high ? KeySet(ray(difference.high)) : noKey()};
  }
  // y - x = floor((-n key + v) / d) >= 1: n key <= v - d
  LinearForm difference = subtract(y, x);
  Bound low = difference.low, high = difference.high;
  if (int64_t n = -difference.slope) {
    auto ray = [&](Bound v) {
      return KeyInterval{{}, floorDivide(add(v, n - difference.divisor), n)};
    };
    return {ray(high), low ? KeySet(ray(low)) : noKey()};
  }
  return {high ? everyKeyIf(isPositive(high)) : everyKey(),
          low ? everyKeyIf(isPositive(low)) : noKey()};
}

} // namespace heed
