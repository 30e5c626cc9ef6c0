// How the second pass runs: one task a tile of queries, all keys.
#pragma once

#include "compiler/graph/Weights.h"
#include "schedules/plan/Plan.h"

namespace heed {

Halide::Pipeline scheduleWeights(WeightsStages &stages, const TargetInfo &target);

} // namespace heed
