// How rowwise kernels run on a CPU: a task is a block of rows, lanes are columns. The passes over a
// row (one for each sum, one for the elements) find it in L1.
#pragma once

#include "compiler/graph/Rowwise.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Partial sums of a row sum.
int rowSumLanes(int columns, const RowwisePlan &plan, const TargetInfo &target);

Halide::Pipeline scheduleRowwise(RowwiseStages &stages, const RowwisePlan &plan,
                                 const TargetInfo &target);

} // namespace heed
