#include "schedules/families/Weights.h"

using namespace Halide;

namespace heed {

Pipeline scheduleWeights(WeightsStages &stages, const TargetInfo &target) {
  int lanes = target.lanes;
  Func out = stages.output;
  Var key = out.args()[0], query = out.args()[1], head = out.args()[2], batch = out.args()[3];
  Var tile("tile"), block("block"), task("task");
  out.split(query, tile, query, WeightsStages::queryTile, TailStrategy::PredicateStores)
      .split(key, block, key, WeightsStages::keyTile, TailStrategy::PredicateStores)
      .reorder(key, query, block, tile, head, batch)
      .fuse(tile, head, task)
      .fuse(task, batch, task)
      .parallel(task);

  Func packed = stages.packedQuery, weight = stages.weight, dot = stages.dot;
  packed.compute_at(out, task)
      .bound_extent(packed.args()[0], WeightsStages::queryTile)
      .vectorize(packed.args()[0], lanes);
  weight.compute_at(out, block)
      .bound_extent(weight.args()[0], WeightsStages::queryTile)
      .bound_extent(weight.args()[1], WeightsStages::keyTile)
      .vectorize(weight.args()[0], lanes);
  Var q = dot.args()[0], dotKey = dot.args()[1], keys("keys");
  dot.compute_at(out, block)
      .bound_extent(q, WeightsStages::queryTile)
      .bound_extent(dotKey, WeightsStages::keyTile)
      .vectorize(q, lanes);
  dot.update()
      .split(dotKey, keys, dotKey, 4)
      .reorder(q, dotKey, stages.depth, keys)
      .vectorize(q, lanes)
      .unroll(dotKey);
  return Pipeline(out);
}

} // namespace heed
