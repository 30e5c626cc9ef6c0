// How a GPU computes rows one by one: those of rowwise kernels, states that merge, panels of
// weights. A block of threads has a few rows; what a row has once, sums and factors, lies in shared
// memory.
#pragma once

#include "compiler/graph/Merge.h"
#include "compiler/graph/Pack.h"
#include "compiler/graph/Rowwise.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Partial sums of a row sum.
int rowSumLanes(int columns, const GpuRowsPlan &plan);

Halide::Pipeline scheduleGpuRowwise(RowwiseStages &stages, const GpuRowsPlan &plan);
Halide::Pipeline scheduleGpuMerge(MergeStages &stages, const GpuRowsPlan &plan);
Halide::Pipeline scheduleGpuPack(PackStages &stages, const PackProgram &program,
                                 const GpuRowsPlan &plan);

} // namespace heed
