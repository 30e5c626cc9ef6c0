// Index values as functions of the key: floor((slope * key + v) / divisor) for some v with low <= v
// <= high. Floors stay inside, so chunks (key / 128 == query / 128) come out exact.
#pragma once

#include "compiler/evaluate/Bound.h"

namespace heed {

struct LinearForm {
  int64_t slope = 0;
  int64_t divisor = 1; ///< positive
  Bound low, high;     ///< both null: nothing is known of the value
  bool nonNegative = false;

  /// One value that does not depend on query or key.
  bool isExact() const { return slope == 0 && divisor == 1 && low && low == high; }
};

LinearForm add(const LinearForm &x, const LinearForm &y);
LinearForm subtract(const LinearForm &x, const LinearForm &y);
LinearForm negate(const LinearForm &x);
LinearForm scale(const LinearForm &x, int64_t factor);
/// Rounds down, or towards zero; `divisor` is positive.
LinearForm floorDivide(const LinearForm &x, int64_t divisor);
LinearForm truncatingDivide(const LinearForm &x, int64_t divisor);
/// A form that holds the values of both.
LinearForm hull(const LinearForm &x, const LinearForm &y);

/// The keys for which x < y may and must hold.
struct KeySets {
  KeySet may, must;
};
KeySets keysWhereLess(const LinearForm &x, const LinearForm &y);

} // namespace heed
