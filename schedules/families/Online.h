// How the online form runs on a CPU: which loops, which registers, what stays in L1.
#pragma once

#include "compiler/graph/Online.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A task is taskTiles tiles of queries of one head; packed queries and
/// states live in its L2, one tile's and one block of scores and weights in its L1. With several
/// tiles, rows that are made of keys and values are packed for some blocks, over which one tile
/// walks after the other: a causal kernel with rotary positions takes 20% less time with four tiles
/// than with one. Of a register tile, queryVectors x keyUnroll (or depthUnroll) accumulators stay
/// in registers over the whole reduction.
Halide::Pipeline scheduleOnline(OnlineStages &stages, const OnlinePlan &plan,
                                const TargetInfo &target);

/// The plan when no table knows better: as many accumulators as the target's registers hold.
OnlinePlan defaultOnlinePlan(const TargetInfo &target);

} // namespace heed
