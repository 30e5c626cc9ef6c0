#include "schedules/families/GpuRows.h"
#include "schedules/families/GpuBlock.h"

#include <algorithm>

using namespace Halide;

namespace heed {
namespace {

class GpuRowsScheduler : GpuBlock {
public:
  /// `output` is (column, row, ...): rows along the second dimension are a block's.
  GpuRowsScheduler(Func output, const GpuRowsPlan &plan)
      : GpuBlock(plan.columnThreads, plan.rows), output(output), rows(plan.rows) {
    std::vector<Var> blocks = output.args();
    Var column = blocks[0], row = blocks[1], tile("tile");
    output.split(row, tile, row, rows, TailStrategy::GuardWithIf);
    onThreads(output, column, row);
    blocks.erase(blocks.begin());
    blocks[0] = tile;
    std::vector<VarOrRVar> order = {column, row, x, y};
    order.insert(order.end(), blocks.begin(), blocks.end());
    output.reorder(order);
    for (Var block : blocks)
      output.gpu_blocks(block);
    task = {output, tile};
  }

  void scheduleSum(RowSumStages &sum) { shareRowSum(sum, task, rows); }
  /// A Func of rows.
  void scheduleOnce(Func perRow) {
    share(perRow, task, {rows});
    onAllThreads(perRow, perRow.args()[0]);
  }

private:
  Func output;
  const int rows;
  LoopLevel task; // a block of threads
};

} // namespace

int rowSumLanes(int columns, const GpuRowsPlan &plan) {
  return std::min(columns, plan.columnThreads);
}

Pipeline scheduleGpuRowwise(RowwiseStages &stages, const GpuRowsPlan &plan) {
  Func output = stages.output;
  output.output_buffer().dim(0).set_bounds(0, stages.columns);
  for (int i = 1; i < output.dimensions(); i++)
    output.output_buffer().dim(i).set_min(0);
  GpuRowsScheduler scheduler(output, plan);
  for (RowSumStages &sum : stages.sums)
    scheduler.scheduleSum(sum);
  return Pipeline(output);
}

Pipeline scheduleGpuMerge(MergeStages &stages, const GpuRowsPlan &plan) {
  GpuRowsScheduler scheduler(stages.output, plan);
  for (Func perRow : {stages.merged, stages.final})
    if (perRow.defined())
      scheduler.scheduleOnce(perRow);
  return Pipeline(stages.output);
}

Pipeline scheduleGpuPack(PackStages &stages, const PackProgram &program, const GpuRowsPlan &plan) {
  stages.packed.output_buffer().dim(0).set_bounds(0, program.panel);
  GpuRowsScheduler scheduler(stages.packed, plan);
  return Pipeline(stages.packed);
}

} // namespace heed
