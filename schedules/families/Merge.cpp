#include "schedules/families/Merge.h"

using namespace Halide;

namespace heed {

Pipeline scheduleMerge(MergeStages &stages, const MergePlan &plan, const TargetInfo &target) {
  Func out = stages.output;
  Var slot = out.args()[0], head = out.args()[1], query = out.args()[2], batch = out.args()[3];
  Var rows("rows"), task("task");
  out.split(query, rows, query, plan.rowsPerTask, TailStrategy::GuardWithIf)
      .reorder(slot, head, query, rows, batch)
      .vectorize(slot, target.lanes, TailStrategy::GuardWithIf)
      .fuse(rows, batch, task)
      .parallel(task);
  for (Func perRow : {stages.merged, stages.final})
    if (perRow.defined())
      perRow.compute_at(out, head);
  return Pipeline(out);
}

} // namespace heed
