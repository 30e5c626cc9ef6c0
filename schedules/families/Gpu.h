// How the online form runs on a GPU: which threads compute what, and what lies in shared memory.
#pragma once

#include "compiler/graph/Gpu.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A block of threads is a tile of queries of one head. Keys, values, scores
/// and weights of one block of keys, the packed queries and the state lie in its shared memory;
/// register tiles of the products belong to a thread.
Halide::Pipeline scheduleGpu(GpuStages &stages, const GpuPlan &plan);

GpuPlan defaultGpuPlan();

} // namespace heed
