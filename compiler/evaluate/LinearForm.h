// Index values as functions of the key: floor((slope * key + v) / divisor) for some v with low <= v
// <= high. Floors stay inside, so chunks (key / 128 == query / 128) come out exact. With slope 0
// and divisor 1 a form is an interval.
//
// Kernels compute bounds in 32 bits. Positions, lengths and extents are taken to lie below
// farthest, and what is loaded is cut down to it; a form that could leave 32 bits says nothing.
#pragma once

#include "compiler/evaluate/Bound.h"

namespace heed {

/// Past any position, with room for sums of seven.
inline constexpr int64_t farthest = int64_t(1) << 28;

/// A spread of no limit; sums and multiples of it fit 64 bits.
inline constexpr int64_t anywhere = int64_t(1) << 31;

struct LinearForm {
  int64_t slope = 0;
  int64_t divisor = 1; ///< positive
  Bound low, high;     ///< both null: nothing is known of the value
  bool nonNegative = false;
  int64_t reach = farthest; ///< |v| is at most this
  int64_t spread = 0;       ///< high - low is at most this times the positions in the block

  /// One value that does not depend on query or key.
  bool isExact() const { return slope == 0 && divisor == 1 && low && low == high; }
};

/// The value itself, which depends on neither query nor key.
LinearForm exactly(Bound value);
/// A position from `first` to `last`, both arguments of the block.
LinearForm between(Bound first, Bound last);

LinearForm add(const LinearForm &x, const LinearForm &y);
LinearForm subtract(const LinearForm &x, const LinearForm &y);
LinearForm negate(const LinearForm &x);
LinearForm scale(const LinearForm &x, int64_t factor);
/// Rounds down, or towards zero; `divisor` is positive.
LinearForm floorDivide(const LinearForm &x, int64_t divisor);
LinearForm truncatingDivide(const LinearForm &x, int64_t divisor);
/// x + 1: not x < y is y < x + 1.
LinearForm increment(const LinearForm &x);
/// The larger or the smaller of two that don't depend on the key.
LinearForm extremum(const LinearForm &x, const LinearForm &y, bool largest);
/// A form that holds the values of both.
LinearForm hull(const LinearForm &x, const LinearForm &y);
/// What `segmentOp` (attn.segment_begin, attn.segment_end) gives of `position`.
LinearForm segment(mlir::Operation *segmentOp, mlir::Value starts, const LinearForm &position);

/// The keys for which x < y may and must hold.
struct KeySets {
  KeySet may, must;
};
KeySets keysWhereLess(const LinearForm &x, const LinearForm &y);

} // namespace heed
