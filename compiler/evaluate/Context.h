// What a region's surroundings look like to a domain: given by whoever evaluates it.
#pragma once

#include "compiler/dialect/Attn.h"

#include <functional>

namespace heed {

/// `V` is a domain's value: a Number, a Halide::Expr. A callback may stay empty where no region
/// evaluated with it can hold the op that asks for it.
template <typename V> struct Context {
  /// Element of the region's capture number `capture` (0 is the first), widened as attn.load says.
  /// Indices are in range: those that are no position of the region have been clamped.
  std::function<V(unsigned capture, llvm::ArrayRef<V> indices)> load;
  /// The extent of a dynamic axis of a capture.
  std::function<V(unsigned capture, unsigned axis)> extent;
  /// Of the batch entry at hand.
  std::function<V()> queryLength, keyLength, queryOffset;
  /// The sum of `op`'s operand over the columns of the row; `here` is the operand at the column at
  /// hand.
  std::function<V(attn::RowSumOp op, V here)> rowSum;
  /// The largest of, and the sum of, `op`'s operand over the block's keys that count; `here` is the
  /// operand at the key at hand.
  std::function<V(attn::BlockMaxOp op, V here)> blockMax;
  std::function<V(attn::BlockSumOp op, V here)> blockSum;
  /// The smallest and the largest element of capture number `capture` in the box from `first` to
  /// `last`, both inclusive and in range.
  std::function<V(unsigned capture, llvm::ArrayRef<V> first, llvm::ArrayRef<V> last)> loadMin,
      loadMax;
  /// Where the segment of `position` begins and ends; capture number `capture` holds the cumulative
  /// lengths.
  std::function<V(unsigned capture, V position)> segmentBegin, segmentEnd;
  /// The 2^x that the target brings, in place of the domain's; empty where it brings none.
  std::function<V(V x)> exp2;
};

} // namespace heed
