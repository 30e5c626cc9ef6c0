// How the split form runs on a CPU: which loops, which registers, what stays in which cache.
#pragma once

#include "compiler/graph/Split.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A task is a part of the keys of one key head and batch entry:
///
///     for each block of keys of the part        keys come from memory, once
///       for each tile of rows                   the block is in L1
///         dots of rowTile rows x keyUnroll keys in registers, lanes are columns; summed over lanes
///         final scores, lanes are keys
///     largest score, weights, their sum         scores and weights of a part are in L1 or L2
///     for each block of keys of the part        values come from memory, once
///       for each tile of rows
///         rowTile rows x columnVectors vectors of columns in registers over the block
///
/// Where the rows of several key heads lie side by side in memory (`areSideBySide`), keyHeads of
/// them are a task, block after block, since what the hardware fetches ahead of a row is the next
/// head's: 90% of a read loop instead of 82%. Otherwise a task has one.
///
/// Then the parts' states merge, a few heads to a task.
Halide::Pipeline scheduleSplit(SplitStages &stages, const SplitPlan &plan,
                               Halide::Expr areSideBySide);

/// The plan when no table knows better. A register tile's rows divide the query heads of a key head
/// (0: their number isn't known), so that one query wastes none; but two rows serve also one head
/// well, and several queries better (99% of a read loop; 16 queries in 0.96 ms, not 1.4).
SplitPlan defaultSplitPlan(int64_t group, const TargetInfo &target);

} // namespace heed
