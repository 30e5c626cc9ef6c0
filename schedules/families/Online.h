// How the online form runs on a CPU: which loops, which registers, what stays in L1.
#pragma once

#include "compiler/graph/Online.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A task is one tile of queries of one head; packed queries, state and one
/// block of scores and weights live in its L1/L2. Of a register tile, queryVectors x keyUnroll (or
/// depthUnroll) accumulators stay in registers over the whole reduction.
Halide::Pipeline scheduleOnline(OnlineStages &stages, const OnlinePlan &plan,
                                const TargetInfo &target);

/// The plan when no table knows better: as many accumulators as the target's registers hold.
OnlinePlan defaultOnlinePlan(const TargetInfo &target);

} // namespace heed
