#include "compiler/evaluate/LinearForm.h"

#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include <cstdlib>
#include <limits>
#include <numeric>

using namespace mlir;

namespace heed {

/// Bounds by the same computation of both ends, done once where the ends are one.
template <typename Function> static void setBounds(LinearForm &form, bool exact, Function bound) {
  form.low = bound(false);
  form.high = exact ? form.low : bound(true);
}

/// What bounds pass through on their way to a ray of keys fits 32 bits; past that nothing is known.
static LinearForm limited(LinearForm form) {
  constexpr int64_t limit = std::numeric_limits<int32_t>::max();
  if (std::abs(form.slope) > infiniteKey || form.divisor > infiniteKey ||
      form.reach > limit - std::abs(form.slope) - form.divisor)
    return {};
  form.spread = std::min(form.spread, anywhere);
  if (form.slope == 0 && form.divisor != 1) {
    bool exact = form.low == form.high;
    form.spread = exact ? 0 : form.spread / form.divisor + 1;
    form.reach = form.reach / form.divisor + 1;
    setBounds(form, exact,
              [&](bool high) { return floorDivide(high ? form.high : form.low, form.divisor); });
    form.divisor = 1;
  }
  return form;
}

/// The form with its floor taken out: divisor * value = slope * key + v holds exactly, for more v.
static LinearForm withoutFloor(LinearForm form) {
  form.low = add(form.low, -(form.divisor - 1));
  form.reach += form.divisor - 1;
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
  sum.reach = ofA * a.reach + ofB * b.reach;
  sum.spread = ofA * a.spread + ofB * b.spread;
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
  difference.reach = x.reach + y.reach;
  difference.spread = x.spread + y.spread;
  setBounds(difference, x.isExact() && y.isExact(),
            [&](bool high) { return high ? subtract(x.high, y.low) : subtract(x.low, y.high); });
  return limited(difference);
}

// -floor(r / d) = floor((d - 1 - r) / d)
LinearForm negate(const LinearForm &x) {
  LinearForm result;
  result.slope = -x.slope;
  result.divisor = x.divisor;
  result.reach = x.reach + x.divisor - 1;
  result.spread = x.spread;
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
  result.reach = from.reach * factor;
  result.spread = from.spread * factor;
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
  return limited(result);
}

// Towards zero is down for x >= 0 and up for x < 0: floor((x + divisor - 1) / divisor).
LinearForm truncatingDivide(const LinearForm &x, int64_t divisor) {
  LinearForm from = x;
  if (!x.nonNegative && divisor <= infiniteKey) {
    from.high = add(from.high, x.divisor * (divisor - 1));
    from.reach += x.divisor * (divisor - 1);
  }
  return floorDivide(from, divisor);
}

LinearForm hull(const LinearForm &x, const LinearForm &y) {
  if (x.slope != y.slope || x.divisor != y.divisor)
    return {};
  LinearForm both = x;
  both.low = smaller(x.low, y.low, Infinity::Wins);
  both.high = larger(x.high, y.high, Infinity::Wins);
  both.nonNegative = x.nonNegative && y.nonNegative;
  both.reach = std::max(x.reach, y.reach);
  both.spread = anywhere;
  return both;
}

/// A number from a tensor, which may be as large as 32 bits can say: no limit, to whoever wrote it.
static bool isLoaded(Bound value) {
  Operation *op = value.getDefiningOp();
  while (isa_and_present<arith::IndexCastOp, arith::ExtSIOp>(op))
    op = op->getOperand(0).getDefiningOp();
  return isa_and_present<attn::LoadOp>(op);
}

LinearForm exactly(Bound value) {
  LinearForm form;
  if (isLoaded(value))
    value = smaller(value, constantBound(value.getParentBlock(), farthest), Infinity::Loses);
  form.low = form.high = value;
  std::optional<int64_t> known = constantOf(value);
  form.nonNegative = isa<BlockArgument>(value) || (known && *known >= 0) ||
                     isa_and_present<attn::ExtentOp, attn::QueryLengthOp, attn::KeyLengthOp>(
                         value.getDefiningOp());
  if (known)
    form.reach = std::abs(*known);
  return limited(form);
}

LinearForm between(Bound first, Bound last) {
  LinearForm form;
  form.low = first;
  form.high = last;
  form.nonNegative = true;
  form.spread = 1;
  return form;
}

LinearForm increment(const LinearForm &x) {
  LinearForm result = x;
  result.reach += x.divisor;
  setBounds(result, x.isExact(), [&](bool high) { return add(high ? x.high : x.low, x.divisor); });
  return limited(result);
}

LinearForm extremum(const LinearForm &x, const LinearForm &y, bool largest) {
  LinearForm result;
  result.low =
      largest ? larger(x.low, y.low, Infinity::Loses) : smaller(x.low, y.low, Infinity::Wins);
  result.high =
      largest ? larger(x.high, y.high, Infinity::Wins) : smaller(x.high, y.high, Infinity::Loses);
  result.nonNegative = largest ? x.nonNegative || y.nonNegative : x.nonNegative && y.nonNegative;
  result.reach = std::max(x.reach, y.reach);
  result.spread = std::max(x.spread, y.spread);
  return result;
}

// Both grow with the position.
LinearForm segment(Operation *segmentOp, Value starts, const LinearForm &position) {
  LinearForm result;
  if (position.slope != 0)
    return result;
  setBounds(result, position.isExact(), [&](bool high) -> Bound {
    Bound at = high ? position.high : position.low;
    if (!at)
      return at;
    OpBuilder builder = OpBuilder::atBlockEnd(at.getParentBlock());
    IRMapping operands;
    operands.map(segmentOp->getOperands(), ValueRange{starts, at});
    return builder.clone(*segmentOp, operands)->getResult(0);
  });
  result.nonNegative = true;
  result.reach = infiniteKey; // where there is no next segment
  result.spread = anywhere;
  return result;
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
