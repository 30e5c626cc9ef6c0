// How the row form runs on a CPU: which loops, which registers, what stays in which cache.
#pragma once

#include "compiler/graph/Row.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A task is a tile of queries of one head; of key sums it is a head of a
/// batch entry, tile after tile. The tile's row of scores, keys * queryTile numbers, stays in the
/// task's L2 for some thousand keys; packed queries and a block of weights in its L1. All queries
/// of the tile times keyUnroll keys (or depthUnroll columns) are a register tile.
Halide::Pipeline scheduleRow(RowStages &stages, const RowPlan &plan, const TargetInfo &target);

/// The plan when no table knows better: as many accumulators as the target's registers hold.
RowPlan defaultRowPlan(const TargetInfo &target);

} // namespace heed
