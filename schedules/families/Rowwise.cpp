#include "schedules/families/Rowwise.h"

#include <algorithm>

using namespace Halide;

namespace heed {
namespace {

void scheduleRowSum(RowSumStages &sum, Func output, Var row, int lanes) {
  Func partial = sum.partial;
  Var lane = partial.args()[0];
  partial.compute_at(output, row).store_in(MemoryType::Stack).vectorize(lane, lanes).unroll(lane);
  partial.update().reorder(lane, sum.step).vectorize(lane, lanes).unroll(lane);
  RVar vector("vector");
  sum.sum.compute_at(output, row).store_in(MemoryType::Stack);
  sum.sum.update()
      .split(sum.lane, vector, sum.lane, lanes)
      .atomic()
      .vectorize(sum.lane)
      .unroll(vector);
}

} // namespace

int rowSumLanes(int columns, const RowwisePlan &plan, const TargetInfo &target) {
  const int vectors = (columns + target.lanes - 1) / target.lanes;
  return std::min(plan.columnVectors, vectors) * target.lanes;
}

Pipeline scheduleRowwise(RowwiseStages &stages, const RowwisePlan &plan, const TargetInfo &target) {
  Func output = stages.output;
  Var column = output.args()[0], row = output.args()[1];
  Var task("task"), vector("vector"), lane("lane");
  output.output_buffer().dim(0).set_bounds(0, stages.columns);
  output.output_buffer().dim(1).set_min(0);
  const int unroll = rowSumLanes(stages.columns, plan, target) / target.lanes;
  output.split(column, column, lane, target.lanes, TailStrategy::GuardWithIf)
      .split(column, column, vector, unroll, TailStrategy::GuardWithIf)
      .split(row, task, row, plan.rowsPerTask, TailStrategy::GuardWithIf)
      .reorder(lane, vector, column, row, task)
      .vectorize(lane)
      .unroll(vector)
      .parallel(task);
  for (RowSumStages &sum : stages.sums)
    scheduleRowSum(sum, output, row, target.lanes);
  return Pipeline(output);
}

} // namespace heed
