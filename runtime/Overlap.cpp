#include "runtime/Overlap.h"

#include <algorithm>
#include <cstdlib>

using namespace heed;

namespace {

/// A step of `stride` bytes taken between `low` and `high` times.
struct Term {
  int64_t stride, low, high;
};

/// The differences between an address in b and one in a: offset + sum of stride * steps.
struct Difference {
  Term terms[2 * maxRank + 1];
  int count = 0;

  void add(int64_t stride, int64_t low, int64_t high) {
    if (stride < 0)
      return add(-stride, -high, -low);
    Term *same = std::find_if(terms, terms + count, [&](Term &t) { return t.stride == stride; });
    if (same == terms + count)
      terms[count++] = {stride, low, high};
    else
      *same = {stride, same->low + low, same->high + high};
  }
};

int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }
int64_t ceilDivide(int64_t a, int64_t b) { return a / b + (a % b > 0); }

/// Whether the terms (largest stride first) can add up to `goal`; yes when `budget` runs out.
bool canReach(const Term *term, const Term *end, int64_t goal, int &budget) {
  if (term == end)
    return goal == 0;
  if (--budget < 0)
    return true;
  int64_t restLow = 0, restHigh = 0;
  for (const Term *rest = term + 1; rest != end; ++rest) {
    restLow += rest->stride * rest->low;
    restHigh += rest->stride * rest->high;
  }
  int64_t first = std::max(term->low, ceilDivide(goal - restHigh, term->stride));
  int64_t last = std::min(term->high, floorDivide(goal - restLow, term->stride));
  for (int64_t steps = first; steps <= last; ++steps)
    if (canReach(term + 1, end, goal - steps * term->stride, budget))
      return true;
  return false;
}

} // namespace

bool heed::shareMemory(const Tensor &a, const Tensor &b) {
  if (!a.elements || !b.elements || a.handle != b.handle || a.high <= b.low || b.high <= a.low)
    return false;
  Difference difference;
  for (int i = 0; i < a.argument->rank; ++i)
    if (a.strides[i])
      difference.add(a.strides[i] * a.elementBytes, 1 - a.extents[i], 0);
  for (int i = 0; i < b.argument->rank; ++i)
    if (b.strides[i])
      difference.add(b.strides[i] * b.elementBytes, 0, b.extents[i] - 1);
  difference.add(1, 1 - a.elementBytes, b.elementBytes - 1);
  Term *end = difference.terms + difference.count;
  std::sort(difference.terms, end,
            [](const Term &s, const Term &t) { return s.stride > t.stride; });
  int budget = 10000;
  return canReach(difference.terms, end, a.address - b.address, budget);
}

bool heed::stridesNest(const Tensor &tensor) {
  int rank = tensor.argument->rank;
  for (int i = 0; i < rank; ++i) {
    int64_t stride = std::abs(tensor.strides[i]), reach = 0;
    for (int j = 0; j < rank; ++j)
      if (j != i && std::abs(tensor.strides[j]) <= stride)
        reach += std::abs(tensor.strides[j]) * (tensor.extents[j] - 1);
    if (reach >= stride && tensor.extents[i] > 1 && tensor.elements)
      return false;
  }
  return true;
}
