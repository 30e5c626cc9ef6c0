// Bounds of key positions as IR: index values of a mask's `ranges`, or infinity. Every operation
// appends folded arith to the block that its operands live in.
#pragma once

#include "mlir/IR/Value.h"

#include <cstdint>
#include <optional>

namespace heed {

/// An index value, or infinity where null: minus infinity as a lower bound, plus infinity as an
/// upper one.
using Bound = mlir::Value;

/// What infinity is in IR: past any key, with room to add to it in 32 bits.
inline constexpr int64_t infiniteKey = int64_t(1) << 30;

std::optional<int64_t> constantOf(Bound bound);
/// A constant, at the end of the block.
Bound constantBound(mlir::Block *block, int64_t value);

// Infinite where an operand is.
Bound add(Bound a, Bound b);
Bound add(Bound a, int64_t b);
Bound subtract(Bound a, Bound b);
Bound multiply(Bound a, int64_t factor);
/// Rounds down; `divisor` is positive.
Bound floorDivide(Bound a, int64_t divisor);

// The smaller and the larger of two; `absorbing` says whether infinity wins or loses.
enum class Infinity { Wins, Loses };
Bound smaller(Bound a, Bound b, Infinity infinity);
Bound larger(Bound a, Bound b, Infinity infinity);

/// Not `truth` (i1).
mlir::Value negation(mlir::Value truth);

/// A half-open range of keys.
struct KeyInterval {
  Bound begin, end;
};

/// A range of keys, or none at all.
using KeySet = std::optional<KeyInterval>;

inline KeySet everyKey() { return KeyInterval{}; }
inline KeySet noKey() { return std::nullopt; }

/// The keys in both.
KeySet intersect(const KeySet &a, const KeySet &b);
/// The least range that holds both.
KeySet hull(const KeySet &a, const KeySet &b);
/// A range that holds keys of a or b only: both where they touch, else the one with more keys in
/// [0, key length).
KeySet within(const KeySet &a, const KeySet &b);
/// Every key if `condition` (i1) holds, else none.
KeySet everyKeyIf(mlir::Value condition);

} // namespace heed
