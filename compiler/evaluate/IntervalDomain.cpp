#include "compiler/evaluate/IntervalDomain.h"
#include "compiler/evaluate/BoundDomain.h"

using namespace mlir;

namespace heed {
namespace {

KeySets both(const KeySets &a, const KeySets &b) {
  return {intersect(a.may, b.may), intersect(a.must, b.must)};
}
KeySets either(const KeySets &a, const KeySets &b) {
  return {hull(a.may, b.may), within(a.must, b.must)};
}

/// The keys where a truth holds, and those where its negation does: `not` swaps them, and loses
/// nothing.
struct TruthOfKeys {
  KeySets holds{everyKey(), noKey()}, fails{everyKey(), noKey()};

  static TruthOfKeys exactly(Value truth) {
    KeySet holds = everyKeyIf(truth), fails = everyKeyIf(negation(truth));
    return {{holds, holds}, {fails, fails}};
  }
  static TruthOfKeys less(const LinearForm &x, const LinearForm &y) {
    return {keysWhereLess(x, y), keysWhereLess(y, increment(x))};
  }

  friend TruthOfKeys operator&&(const TruthOfKeys &x, const TruthOfKeys &y) {
    return {both(x.holds, y.holds), either(x.fails, y.fails)};
  }
  friend TruthOfKeys operator||(const TruthOfKeys &x, const TruthOfKeys &y) {
    return {either(x.holds, y.holds), both(x.fails, y.fails)};
  }
  TruthOfKeys operator!() const { return {fails, holds}; }
};

struct IntervalDomain : BoundDomain<IntervalDomain, TruthOfKeys> {
  using BoundDomain::BoundDomain;
};

/// A bound that takes more operations is given up: it would become a loop's bound, and lowering
/// takes longer with its size, written out, than skipping blocks can save.
constexpr int64_t mostOperations = 64;

} // namespace

SmallVector<Value> evaluateRanges(attn::MaskOp mask, Block *block) {
  IRMapping copies = copyUniform(mask, block);
  IntervalDomain domain(copies);
  LinearForm key = exactly(constantBound(block, 0)),
             query = between(block->getArgument(2), block->getArgument(3));
  key.slope = 1;
  auto yielded = evaluateRegion<IntervalDomain>(
      mask.getBody(), {exactly(block->getArgument(0)), exactly(block->getArgument(1)), query, key},
      domain);
  KeySets keys = (*yielded)[0].truth().holds;
  auto write = [&](Bound bound, int64_t infinity) {
    return bound ? bound : constantBound(block, infinity);
  };
  TreeSize tree;
  auto isSmall = [&](const KeySet &set) {
    auto fits = [&](Bound bound) { return !bound || tree.of(bound) <= mostOperations; };
    return !set || (fits(set->begin) && fits(set->end));
  };
  if (!isSmall(keys.may))
    keys.may = everyKey();
  if (!isSmall(keys.must))
    keys.must = noKey();
  SmallVector<Value> results;
  for (const KeySet &set : {keys.may, keys.must}) {
    results.push_back(set ? write(set->begin, -infiniteKey) : constantBound(block, 0));
    results.push_back(set ? write(set->end, infiniteKey) : constantBound(block, 0));
  }
  return results;
}

} // namespace heed
