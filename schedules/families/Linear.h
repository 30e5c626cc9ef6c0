// How linear layers run on a CPU. Packing weights, once, is here too.
//
//   parallel task: one panel of columns for a block of rows
//     strip of the panel
//       tile of rows: rowTile x columnVectors accumulators, in registers over the whole reduction
//
// A panel (a few hundred KB at most) stays in L2 while the block's rows pass it; the rows of a tile
// stay in L1. Tasks do not depend on the number of threads and every sum runs over the inputs in
// order, so a row's bits depend neither on threads nor on the rows beside it.
#pragma once

#include "compiler/graph/Linear.h"
#include "compiler/graph/Pack.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Columns of a strip. A legal plan's strips may still not divide the panel: that depends on the
/// kernel.
inline int stripColumns(const LinearPlan &plan, const TargetInfo &target) {
  return plan.columnVectors * target.lanes;
}

/// The plan for `panel` columns when no table knows better.
LinearPlan defaultLinearPlan(int panel, const TargetInfo &target);

/// Any number of rows, also 0. `stages` were built for the plan's strip.
Halide::Pipeline scheduleLinear(LinearStages &stages, const LinearProgram &program,
                                const LinearPlan &plan, const TargetInfo &target);

Halide::Pipeline schedulePack(PackStages &stages, const PackProgram &program);

} // namespace heed
