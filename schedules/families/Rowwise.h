// How rowwise kernels run on a CPU: a task is a block of rows, lanes are columns. The passes over a
// row (one for each sum, one for the elements) find it in L1.
#pragma once

#include "compiler/graph/Rowwise.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Partial sums of a row sum.
int rowSumLanes(int columns, const RowwisePlan &plan, const TargetInfo &target);

/// Computes a sum of `output`'s row in its loop `row`.
void scheduleRowSum(RowSumStages &sum, Halide::Func output, Halide::Var row, int lanes);

Halide::Pipeline scheduleRowwise(RowwiseStages &stages, const RowwisePlan &plan,
                                 const TargetInfo &target);

} // namespace heed
