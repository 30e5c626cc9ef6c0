#include "compiler/evaluate/Bound.h"
#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace heed {

template <typename Op, typename... Operands> static Value append(Value first, Operands... rest) {
  OpBuilder builder = OpBuilder::atBlockEnd(first.getParentBlock());
  return builder.createOrFold<Op>(first.getLoc(), first, rest...);
}

std::optional<int64_t> constantOf(Bound bound) {
  APInt value;
  if (bound && matchPattern(bound, m_ConstantInt(&value)))
    return value.getSExtValue();
  return std::nullopt;
}

Bound constantBound(Block *block, int64_t value) {
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  return arith::ConstantIndexOp::create(builder, block->getParentOp()->getLoc(), value);
}

Bound add(Bound a, Bound b) { return a && b ? append<arith::AddIOp>(a, b) : Bound(); }
Bound add(Bound a, int64_t b) {
  return a && b != 0 ? add(a, constantBound(a.getParentBlock(), b)) : a;
}
Bound subtract(Bound a, Bound b) { return a && b ? append<arith::SubIOp>(a, b) : Bound(); }
Bound multiply(Bound a, int64_t factor) {
  if (!a || factor == 1)
    return a;
  return append<arith::MulIOp>(a, constantBound(a.getParentBlock(), factor));
}
Bound floorDivide(Bound a, int64_t divisor) {
  if (!a || divisor == 1)
    return a;
  return append<arith::FloorDivSIOp>(a, constantBound(a.getParentBlock(), divisor));
}

template <typename Op> static Bound choose(Bound a, Bound b, Infinity infinity) {
  if (a && b)
    return a == b ? a : append<Op>(a, b);
  return infinity == Infinity::Wins ? Bound() : (a ? a : b);
}
Bound smaller(Bound a, Bound b, Infinity infinity) {
  return choose<arith::MinSIOp>(a, b, infinity);
}
Bound larger(Bound a, Bound b, Infinity infinity) { return choose<arith::MaxSIOp>(a, b, infinity); }

Value negation(Value truth) {
  OpBuilder builder = OpBuilder::atBlockEnd(truth.getParentBlock());
  Value yes = arith::ConstantIntOp::create(builder, truth.getLoc(), 1, 1);
  return builder.createOrFold<arith::XOrIOp>(truth.getLoc(), truth, yes);
}

KeySet intersect(const KeySet &a, const KeySet &b) {
  if (!a || !b)
    return noKey();
  return KeyInterval{larger(a->begin, b->begin, Infinity::Loses),
                     smaller(a->end, b->end, Infinity::Loses)};
}

KeySet hull(const KeySet &a, const KeySet &b) {
  if (!a || !b)
    return a ? a : b;
  return KeyInterval{smaller(a->begin, b->begin, Infinity::Wins),
                     larger(a->end, b->end, Infinity::Wins)};
}

static Value lessOrEqual(Value a, Value b) {
  OpBuilder builder = OpBuilder::atBlockEnd(a.getParentBlock());
  return builder.createOrFold<arith::CmpIOp>(a.getLoc(), arith::CmpIPredicate::sle, a, b);
}

/// The number of keys of `set` in [0, length), or less than 1 for none.
static Bound countIn(const KeyInterval &set, Bound length) {
  Bound zero = constantBound(length.getParentBlock(), 0);
  return subtract(smaller(set.end, length, Infinity::Loses),
                  larger(set.begin, zero, Infinity::Loses));
}

static Block *blockOf(const KeyInterval &a, const KeyInterval &b) {
  for (Bound bound : {a.begin, a.end, b.begin, b.end})
    if (bound)
      return bound.getParentBlock();
  return nullptr;
}

KeySet within(const KeySet &a, const KeySet &b) {
  if (!a || !b)
    return a ? a : b;
  Bound lastBegin = larger(a->begin, b->begin, Infinity::Loses);
  Bound firstEnd = smaller(a->end, b->end, Infinity::Loses);
  KeySet both = hull(a, b);
  if (!lastBegin || !firstEnd) // two rays to the same side
    return both;

  Block *block = blockOf(*a, *b);
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  Location loc = lastBegin.getLoc();
  Bound length = attn::KeyLengthOp::create(builder, loc, builder.getIndexType());
  Value touch = lessOrEqual(lastBegin, firstEnd);
  Value bIsLonger = lessOrEqual(countIn(*a, length), countIn(*b, length));
  auto finite = [&](Bound bound, int64_t infinity) {
    return bound ? bound : constantBound(block, infinity);
  };
  auto pick = [&](Bound union_, Bound ofA, Bound ofB, int64_t infinity) -> Bound {
    Value longer = builder.createOrFold<arith::SelectOp>(loc, bIsLonger, finite(ofB, infinity),
                                                         finite(ofA, infinity));
    return builder.createOrFold<arith::SelectOp>(loc, touch, finite(union_, infinity), longer);
  };
  return KeyInterval{pick(both->begin, a->begin, b->begin, -infiniteKey),
                     pick(both->end, a->end, b->end, infiniteKey)};
}

KeySet everyKeyIf(Value condition) {
  if (std::optional<int64_t> known = constantOf(condition))
    return *known != 0 ? everyKey() : noKey();
  Block *block = condition.getParentBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  Bound low = constantBound(block, -infiniteKey), high = constantBound(block, infiniteKey);
  auto choose = [&](Bound ifTrue, Bound ifFalse) -> Bound {
    return builder.createOrFold<arith::SelectOp>(condition.getLoc(), condition, ifTrue, ifFalse);
  };
  return KeyInterval{choose(low, high), choose(high, low)};
}

} // namespace heed
