// Mask regions on blocks of queries and keys: whether any pair may count, and whether all do. The
// answer is IR in terms of the block's first and last query and key, lengths and captures.
//
// How: an index value is an interval, which what is loaded at one gives too: attn.load_min and
// attn.load_max of a box. Comparing two intervals may hold and must hold; `and`, `or` and `not`
// combine that.
#pragma once

#include "compiler/dialect/Attn.h"

#include <array>

namespace heed {

/// Whether the ranges of `mask` leave keys undecided even for a single query: those that may count
/// are more than those that all do. Bands, prefixes, chunks and segments never do; what says `or`,
/// remainders and tensors do.
bool leavesUndecided(attn::MaskOp mask);

/// Writes the computation of `mask`'s status into `block`, whose arguments are those of `status`
/// (AttnOps.td); returns what it must yield: may, all. Fails where that would be too much to
/// compute for every block, or says nothing.
mlir::FailureOr<std::array<mlir::Value, 2>> evaluateStatus(attn::MaskOp mask, mlir::Block *block);

} // namespace heed
