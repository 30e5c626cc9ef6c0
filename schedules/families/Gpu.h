// How the online form runs on a GPU: which threads compute what, and what lies in shared memory.
#pragma once

#include "compiler/graph/Gpu.h"
#include "schedules/plan/GpuMemory.h"

namespace heed {

/// Schedules every stage. A block of threads is a tile of queries of one head. Keys, values, scores
/// and weights of one block of keys, the packed queries and the state lie in its shared memory;
/// register tiles of the products belong to a thread. Where keys are split, a second kernel merges
/// what the parts of a tile give, a thread a column. What data decides - tables of segments, bounds,
/// statuses of blocks and the lists made of them - kernels of their own find out before.
Halide::Pipeline scheduleGpu(GpuStages &stages, const GpuPlan &plan);

/// The largest tiles that fit into the shared memory of any device.
GpuPlan defaultGpuPlan(const GpuShape &shape);

/// For a few queries that meet many keys: keys in parts, so that there are blocks of threads
/// enough.
GpuPlan defaultGpuSplitPlan(const GpuShape &shape);

} // namespace heed
