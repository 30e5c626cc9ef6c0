// How the online form runs on a GPU: which threads compute what, and what lies in shared memory.
#pragma once

#include "compiler/graph/Gpu.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Schedules every stage. A block of threads is a tile of queries of one head. Keys, values, scores
/// and weights of one block of keys, the packed queries and the state lie in its shared memory;
/// register tiles of the products belong to a thread. Where keys are split, a second kernel merges
/// what the parts of a tile give, a thread a column.
Halide::Pipeline scheduleGpu(GpuStages &stages, const GpuPlan &plan);

/// What decides how much shared memory a tile takes.
struct GpuShape {
  int dim = 0, valueDim = 0;
  int queryRows = 0; ///< tiles of rows that the query is made of, itself among them if it is made
  int blockRows = 0; ///< those that keys and values are made of, these not among them
  bool loadsBounds = false; ///< which keys a tile needs lies in memory
};

/// The largest tiles that fit into the shared memory of any device.
GpuPlan defaultGpuPlan(const GpuShape &shape);

/// For a few queries that meet many keys: keys in parts, so that there are blocks of threads
/// enough.
GpuPlan defaultGpuSplitPlan(const GpuShape &shape);

} // namespace heed
