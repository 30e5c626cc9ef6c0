// How merge kernels run on a CPU: a task is a few queries of a batch entry, lanes are columns.
#pragma once

#include "compiler/graph/Merge.h"
#include "schedules/plan/Plan.h"

namespace heed {

Halide::Pipeline scheduleMerge(MergeStages &stages, const MergePlan &plan,
                               const TargetInfo &target);

} // namespace heed
