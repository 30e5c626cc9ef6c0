#include "schedules/families/Split.h"
#include "schedules/families/Operand.h"
#include "schedules/families/ReadAhead.h"

#include <algorithm>
#include <bit>
#include <numeric>

using namespace Halide;

namespace heed {
namespace {

constexpr int headsPerTask = 8; // whose parts a task merges

/// Of a register tile of the weighted sum, in each plane.
int vectorsOfColumns(const SplitStages &stages, const SplitPlan &plan) {
  return std::gcd(std::max(1, plan.columnVectors / stages.valuePlanes),
                  (stages.slots - stages.firstColumn) / stages.valueLanes);
}

// Rows that are made are read elsewhere, a block at a time.
std::vector<RowSteps> rowSteps(const SplitStages &stages, const SplitPlan &plan) {
  int columns = stages.valueLanes * stages.valuePlanes * vectorsOfColumns(stages, plan);
  return {{stages.dot.name(),
           ".ko",
           {stages.keyRows.buffer, stages.keyRows.columns, plan.keyUnroll},
           stages.keyRows.inOrder},
          {stages.product.name(),
           ".ko",
           {stages.valueRows.buffer, columns, plan.reduceUnroll},
           stages.valueRows.inOrder}};
}

class SplitScheduler {
public:
  SplitScheduler(SplitStages &stages, const SplitPlan &plan, Expr areSideBySide)
      : stages(stages), plan(plan),
        keyHeads(simplify(select(std::move(areSideBySide), plan.keyHeads, 1))) {}

  void run() {
    scheduleParts();
    scheduleQueries();
    scheduleDot();
    scheduleScores();
    scheduleSum();
    scheduleMerge();
  }

private:
  SplitStages &stages;
  const SplitPlan &plan;
  const Expr keyHeads; // of a task
  LoopLevel task;      // of a part

  static Var arg(Func f, int i) { return f.args()[size_t(i)]; }

  // The split of the key heads is there for one to a task as well: Halide takes a fused loop's
  // innermost coordinate, where the loop's own body uses it, for a range, and allocates all of it.
  void scheduleParts() {
    Func parts = stages.parts, state = stages.state;
    Var slot = arg(parts, 0), plane = arg(parts, 1), r = arg(parts, 2), tile = arg(parts, 3),
        part = arg(parts, 4), keyHead = arg(parts, 5), batch = arg(parts, 6), heads("heads"),
        both("headsAndPart"), all("task");
    parts.compute_root()
        .bound(slot, 0, stages.slots)
        .bound(plane, 0, stages.valuePlanes)
        .bound(r, 0, plan.rowTile)
        .split(keyHead, heads, keyHead, keyHeads, TailStrategy::GuardWithIf)
        .reorder({slot, plane, r, tile, keyHead, heads, part, batch})
        .vectorize(slot, stages.valueLanes)
        .fuse(heads, part, both)
        .fuse(both, batch, all)
        .parallel(all);
    state.compute_at(parts, all).bound_extent(arg(state, 2), plan.rowTile);
    Stage update = state.update();
    update.reorder({slot, plane, r, tile, arg(state, 5), stages.once})
        .vectorize(slot, stages.valueLanes);
    task = LoopLevel(state, stages.once);
  }

  void scheduleQueries() {
    stages.hull.compute_at(task);
    stages.query.compute_at(task)
        .bound_extent(arg(stages.query, 1), stages.keyPlanes)
        .bound_extent(arg(stages.query, 2), plan.rowTile)
        .vectorize(arg(stages.query, 0), stages.dotLanes)
        .unroll(arg(stages.query, 1));
    schedulePackedRows(stages.queryRows, task, stages.keyLanes);
    // Before all tasks: whether a part has a task at all depends on them.
    for (SegmentTable &table : stages.segments) {
      Var position = table.ends.args()[0];
      table.ends.compute_root().vectorize(position, stages.keyLanes);
      table.count.compute_at(table.ends, position).vectorize(position, stages.keyLanes);
      table.count.update().vectorize(position, stages.keyLanes);
    }
  }

  // The sums over lanes of all keys and rows of a register tile are one tree of shuffles: a lane of
  // each in the end, so that no step of it works on a part of a vector.
  void scheduleDot() {
    Func dot = stages.dot, tileDot = stages.tileDot, lanes = stages.laneDot;
    Var key = arg(dot, 0), r = arg(dot, 1), ko("ko"), ki("ki");
    dot.compute_at(stages.score, arg(stages.score, 2))
        .bound_extent(key, plan.keyTile)
        .bound_extent(r, plan.rowTile)
        .split(key, ko, ki, plan.keyUnroll)
        .reorder(ki, r, ko)
        .vectorize(ki)
        .unroll(r);
    Var tk = arg(tileDot, 0), tr = arg(tileDot, 1);
    tileDot.compute_at(dot, ko)
        .bound_extent(tk, plan.keyUnroll)
        .bound_extent(tr, plan.rowTile)
        .vectorize(tk)
        .vectorize(tr);
    tileDot.update()
        .reorder(stages.dotLane, tk, tr)
        .atomic()
        .vectorize(stages.dotLane)
        .vectorize(tk)
        .vectorize(tr);
    Var lane = arg(lanes, 0), lk = arg(lanes, 1), lr = arg(lanes, 2);
    RVar ro("ro"), ri("ri");
    lanes.compute_at(dot, ko)
        .bound_extent(lane, stages.dotLanes)
        .bound_extent(lk, plan.keyUnroll)
        .bound_extent(lr, plan.rowTile)
        .vectorize(lane)
        .unroll(lk)
        .unroll(lr);
    lanes.update()
        .split(stages.depth, ro, ri, std::min(plan.reduceUnroll, stages.dotSteps),
               TailStrategy::GuardWithIf)
        .reorder({lane, lk, lr, stages.depthPlane, ri, ro})
        .vectorize(lane)
        .unroll(lk)
        .unroll(lr)
        .unroll(stages.depthPlane)
        .unroll(ri);
  }

  void scheduleScores() {
    Func score = stages.score;
    Var key = arg(score, 0), r = arg(score, 1), tile = arg(score, 2), keyHead = arg(score, 5);
    for (Func ofKeys : {score, stages.weight})
      ofKeys.compute_at(task)
          .bound(key, 0, plan.keyTile)
          .bound(arg(score, 3), 0, plan.partKeys / plan.keyTile)
          .bound_extent(r, plan.rowTile)
          .vectorize(key, stages.keyLanes);
    score.update()
        .reorder(key, r, tile, keyHead, stages.scoreBlock)
        .vectorize(key, stages.keyLanes);
    schedulePackedRows(stages.keyRows, {score, keyHead}, stages.keyLanes);
    if (stages.keyFactor.defined())
      scheduleOfKeys(stages.keyFactor, {score, keyHead}, plan.keyTile);
    for (SplitStages::Reduction &reduction : stages.reductions) {
      Func partial = reduction.partial, total = reduction.total;
      Var lane = arg(partial, 0), pr = arg(partial, 1), tr = arg(total, 0);
      total.compute_at(task).bound_extent(tr, plan.rowTile);
      total.update().reorder(reduction.lane, tr).atomic().vectorize(reduction.lane).vectorize(tr);
      partial.compute_at(total, arg(total, 1))
          .bound_extent(pr, plan.rowTile)
          .vectorize(lane, stages.keyLanes)
          .unroll(pr);
      partial.update()
          .reorder(lane, pr, reduction.step, reduction.block)
          .vectorize(lane, stages.keyLanes)
          .unroll(pr);
    }
  }

  // One number, or word, for each of a block's `count` keys or pairs.
  void scheduleOfKeys(Func ofKeys, LoopLevel loop, int count) const {
    ofKeys.compute_at(std::move(loop))
        .bound_extent(arg(ofKeys, 0), count)
        .vectorize(arg(ofKeys, 0), std::gcd(count, stages.keyLanes));
  }

  void scheduleSum() {
    Func sum = stages.sum, product = stages.product;
    Var slot = arg(sum, 0), r = arg(sum, 2), tile = arg(sum, 3), keyHead = arg(sum, 5),
        d = arg(product, 0), plane = arg(product, 1), pr = arg(product, 2), dv("dv");
    RVar co("co"), cv("cv"), ko("ko"), ki("ki");
    const int lanes = stages.valueLanes, planes = stages.valuePlanes;
    const int vectors = vectorsOfColumns(stages, plan);
    sum.compute_at(task)
        .bound(slot, 0, stages.slots)
        .bound_extent(r, plan.rowTile)
        .vectorize(slot, lanes);
    sum.update()
        .split(stages.sumColumn, co, cv, lanes * vectors)
        .split(cv, cv, stages.sumColumn, lanes)
        .reorder({stages.sumColumn, cv, stages.sumPlane, r, co, tile, keyHead, stages.sumBlock})
        .vectorize(stages.sumColumn)
        .unroll(cv)
        .unroll(stages.sumPlane)
        .unroll(r);
    schedulePackedRows(stages.valueRows, {sum, keyHead}, stages.keyLanes);
    if (stages.valueFactor.defined())
      scheduleOfKeys(stages.valueFactor, {sum, keyHead}, plan.keyTile);
    if (stages.valueWeight.defined()) {
      scheduleOfKeys(stages.valueWeight, {sum, tile}, plan.keyTile / stages.keysOfWeight);
      stages.valueWeight.bound_extent(arg(stages.valueWeight, 1), plan.rowTile);
    }
    product.compute_at(sum, co)
        .bound_extent(d, lanes * vectors)
        .bound_extent(plane, planes)
        .bound_extent(pr, plan.rowTile)
        .vectorize(d, lanes)
        .unroll(d)
        .unroll(plane)
        .unroll(pr);
    product.update()
        .split(stages.productKey, ko, ki, plan.reduceUnroll / stages.keysOfWeight)
        .split(d, dv, d, lanes)
        .reorder({d, dv, plane, pr, ki, ko})
        .vectorize(d)
        .unroll(dv)
        .unroll(plane)
        .unroll(pr)
        .unroll(ki);
  }

  void scheduleMerge() {
    Func out = stages.output, chain = stages.chain, merged = stages.merged;
    Var d = arg(out, 0), head = arg(out, 1), query = arg(out, 2), batch = arg(out, 3),
        heads("heads"), all("task");
    out.split(head, heads, head, headsPerTask, TailStrategy::GuardWithIf)
        .reorder({d, head, query, heads, batch})
        .vectorize(d, std::gcd(stages.valueLanes, stages.columns))
        .fuse(heads, batch, all)
        .parallel(all);
    // Never shifted inwards: there may be less heads than lanes, and no part lies before the first.
    chain.compute_at(out, query).vectorize(arg(chain, 0), headsPerTask, TailStrategy::RoundUp);
    chain.update().vectorize(arg(chain, 0), headsPerTask, TailStrategy::RoundUp);
    merged.compute_at(out, head).vectorize(arg(merged, 0), stages.valueLanes);
    merged.update()
        .reorder(arg(merged, 0), arg(merged, 1), stages.mergedPart)
        .vectorize(arg(merged, 0), stages.valueLanes);
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined())
        perRow.compute_at(out, query)
            .vectorize(arg(perRow, 0), headsPerTask, TailStrategy::RoundUp);
  }
};

} // namespace

Pipeline scheduleSplit(SplitStages &stages, const SplitPlan &plan, Expr areSideBySide) {
  SplitScheduler(stages, plan, std::move(areSideBySide)).run();
  Pipeline pipeline(stages.output);
  if (plan.keysAhead)
    pipeline.add_custom_lowering_pass(new ReadAhead(rowSteps(stages, plan), plan.keysAhead));
  return pipeline;
}

SplitPlan defaultSplitPlan(int64_t group, const TargetInfo &target) {
  SplitPlan plan;
  plan.rowTile = group == 1 ? 2 : 4;
  for (int rows : {2, 3, 4})
    if (group > 0 && group % rows == 0)
      plan.rowTile = rows;
  // Few accumulators: several tiles are under way at a time. On Zen 4, 12 heads of 64 and 1024
  // keys, 1 to 8 queries, 2 x 4 take 7 to 26% less time than 2 x 8.
  plan.keyUnroll = std::min(4, target.registers / 2 / int(std::bit_ceil(unsigned(plan.rowTile))));
  plan.columnVectors = plan.keyUnroll;
  return plan;
}

} // namespace heed
