// Mask regions on intervals: which keys may count, and which all count, for a tile of queries. The
// answer is IR in terms of the batch entry, the head, the tile's first and last query, lengths and
// captures.
//
// How: an index value is a linear function of the key plus something between two bounds; a truth is
// the set of keys for which it may hold and the set for which it must, both half-open ranges.
// Comparing two linear functions gives rays of keys; `and`, `or` and `not` combine them. What
// depends on neither the query nor the key is copied as it is, whatever it computes. Anything else
// may hold for every key and must for none, which is always right.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/evaluate/Bound.h"

#include "mlir/IR/Builders.h"

namespace heed {

/// Writes the computation of `mask`'s ranges into `block`, whose arguments are those of `ranges`
/// (AttnOps.td); returns what it must yield: hull begin, hull end, full begin, full end.
llvm::SmallVector<mlir::Value> evaluateRanges(attn::MaskOp mask, mlir::Block *block);

} // namespace heed
