// How linear layers run on a GPU: which threads compute what, and what lies in shared memory.
//
//   block of threads: a tile of rows by columns of one panel
//     inputTile inputs of the tile's rows and of its columns' weights, in shared memory
//       thread: rowRegisters x columnRegisters sums over these, in registers
//     added to the tile's sums, in shared memory
//
// Every sum runs over the inputs in an order that the plan fixes, so a row's bits do not depend on
// the rows beside it.
#pragma once

#include "compiler/graph/Linear.h"
#include "schedules/plan/Plan.h"

namespace heed {

/// Columns of a block. A legal plan's may still not divide the panel: that depends on the kernel.
inline int blockColumns(const GpuLinearPlan &plan) {
  return plan.columnThreads * plan.columnRegisters;
}

/// The plan for `panel` columns when no table knows better.
GpuLinearPlan defaultGpuLinearPlan(int panel);

/// Any number of rows. `stages` were built for strips of the plan's columnRegisters, with tiles
/// that reach past the last row.
Halide::Pipeline scheduleGpuLinear(LinearStages &stages, const LinearProgram &program,
                                   const GpuLinearPlan &plan);

} // namespace heed
