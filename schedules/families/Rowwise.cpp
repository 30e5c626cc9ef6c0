#include "schedules/families/Rowwise.h"

#include <algorithm>

using namespace Halide;

namespace heed {

void scheduleRowSum(RowSumStages &sum, Func output, Var row, int lanes) {
  Func partial = sum.partial;
  Var lane = partial.args()[0];
  partial.compute_at(output, row).store_in(MemoryType::Stack).vectorize(lane, lanes).unroll(lane);
  partial.update().reorder(lane, sum.step).vectorize(lane, lanes).unroll(lane);
  sum.sum.compute_at(output, row).store_in(MemoryType::Stack);
}

int rowSumLanes(int columns, const RowwisePlan &plan, const TargetInfo &target) {
  const int vectors = (columns + target.lanes - 1) / target.lanes;
  return std::min(plan.columnVectors, vectors) * target.lanes;
}

Pipeline scheduleRowwise(RowwiseStages &stages, const RowwisePlan &plan, const TargetInfo &target) {
  Func output = stages.output;
  std::vector<Var> rows = output.args(); // (row), or (head, position, batch)
  Var column = rows.front(), task("task"), vector("vector"), lane("lane");
  rows.erase(rows.begin());
  output.output_buffer().dim(0).set_bounds(0, stages.columns);
  for (int i = 1; i < output.dimensions(); i++)
    output.output_buffer().dim(i).set_min(0);
  const int unroll = rowSumLanes(stages.columns, plan, target) / target.lanes;
  Var split = rows.size() == 1 ? rows[0] : rows[1];
  output.split(column, column, lane, target.lanes, TailStrategy::GuardWithIf)
      .split(column, column, vector, unroll, TailStrategy::GuardWithIf)
      .split(split, task, split, plan.rowsPerTask, TailStrategy::GuardWithIf)
      .vectorize(lane)
      .unroll(vector);
  if (rows.size() == 1)
    output.reorder(lane, vector, column, rows[0], task);
  else
    output.reorder(lane, vector, column, rows[0], rows[1], task, rows[2]).fuse(task, rows[2], task);
  output.parallel(task);
  for (RowSumStages &sum : stages.sums)
    scheduleRowSum(sum, output, rows[0], target.lanes);
  return Pipeline(output);
}

} // namespace heed
