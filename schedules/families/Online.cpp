#include "schedules/families/Online.h"

using namespace Halide;

namespace heed {
namespace {

class OnlineScheduler {
public:
  OnlineScheduler(OnlineStages &stages, const OnlinePlan &plan, const TargetInfo &target)
      : stages(stages), plan(plan), lanes(target.lanes) {}

  void run() {
    task = scheduleOutput();
    scheduleQuery();
    stages.hull.compute_at(stages.output, task);
    stages.state.compute_at(stages.output, task).bound(slot(stages.state, 1), 0, stages.slots);
    stages.state.vectorize(slot(stages.state, 0), lanes);
    for (size_t i = 0; i < stages.walks.size(); i++) {
      scheduleState(stages.walks[i], int(i));
      scheduleScores(stages.walks[i]);
      scheduleWeights(stages.walks[i]);
      scheduleProduct(stages.walks[i]);
    }
  }

private:
  OnlineStages &stages;
  const OnlinePlan &plan;
  const int lanes;
  Var task{"task"};

  static Var slot(Func f, int i) { return f.args()[i]; }
  int registerTile() const { return lanes * plan.queryVectors; }

  Var scheduleOutput() {
    Func out = stages.output;
    Var d = slot(out, 0), head = slot(out, 1), query = slot(out, 2), batch = slot(out, 3);
    Var tile("tile"), inTile("inTile"), d4("d4"), t("task");
    // PredicateStores keeps the loop's extent at the tile, so every producer's size is a constant.
    out.split(query, tile, inTile, plan.queryTile, TailStrategy::PredicateStores)
        .split(d, d, d4, 4, TailStrategy::GuardWithIf)
        .reorder(d4, d, inTile, tile, head, batch)
        .vectorize(d4)
        .fuse(tile, head, t)
        .fuse(t, batch, t)
        .parallel(t);
    Func tr = stages.transposed;
    tr.compute_at(out, t)
        .reorder_storage(slot(tr, 0), slot(tr, 1), slot(tr, 2))
        .bound(slot(tr, 0), 0, 4)
        .reorder(slot(tr, 0), slot(tr, 1), slot(tr, 2))
        .unroll(slot(tr, 0))
        .vectorize(slot(tr, 1), lanes);
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined())
        perRow.compute_at(out, t).vectorize(slot(perRow, 0), lanes);
    return t;
  }

  // Transposing four rows at a time: loads along d, 128-bit stores along the queries; gathers cost
  // 5% of all time.
  void scheduleQuery() {
    Func g = stages.gatheredQuery, p = stages.packedQuery;
    Var q4 = slot(g, 0), d = slot(g, 1), qb = slot(g, 2);
    g.compute_at(stages.output, task)
        .reorder_storage(q4, d, qb)
        .reorder(q4, d, qb)
        .bound(q4, 0, 4)
        .unroll(q4)
        .vectorize(d, lanes, TailStrategy::GuardWithIf);
    Var q = slot(p, 0), pd = slot(p, 1), inner("inner");
    p.compute_at(stages.output, task)
        .bound_extent(q, plan.queryTile)
        .align_storage(q, lanes)
        .split(q, q, inner, 4)
        .reorder(inner, pd, q)
        .vectorize(inner);
  }

  void scheduleState(BlockWalk &w, int index) {
    Var q = slot(stages.state, 0), qo("qo"), qv("qv"), qi("qi");
    RVar so("so"), si("si");
    Stage update = stages.state.update(index);
    update.split(w.slot, so, si, plan.depthUnroll)
        .split(q, qo, qi, registerTile())
        .split(qi, qv, qi, lanes)
        .reorder(qi, qv, si, qo, so, w.block)
        .vectorize(qi)
        .unroll(qv)
        .unroll(si)
        // Halide peels the special slots off the loop over slots, or two exp2 would run for every
        // tile of columns. It may cut no loop around that instead.
        .partition(w.block, Partition::Never);
    w.product.compute_at(stages.state, qo);
  }

  void scheduleScores(BlockWalk &w) {
    Var q = slot(w.score, 0), qo("qo"), qv("qv"), qi("qi");
    w.score.compute_at(stages.state, w.block)
        .split(q, qo, qi, registerTile())
        .split(qi, qv, qi, lanes)
        .reorder(qi, qv, qo, slot(w.score, 1))
        .vectorize(qi)
        .unroll(qv);
    Var dq = slot(w.dot, 0), key = slot(w.dot, 1);
    RVar ro("ro"), ri("ri");
    w.dot.compute_at(w.score, qo)
        .bound_extent(dq, registerTile())
        .bound_extent(key, plan.keyUnroll)
        .vectorize(dq, lanes)
        .unroll(dq)
        .unroll(key);
    w.dot.update()
        .split(w.depth, ro, ri, plan.reduceUnroll, TailStrategy::GuardWithIf)
        .split(dq, qv, qi, lanes)
        .reorder(qi, qv, key, ri, ro)
        .vectorize(qi)
        .unroll(qv)
        .unroll(key)
        .unroll(ri);
  }

  void scheduleWeights(BlockWalk &w) {
    for (BlockReduction &reduction : w.reductions)
      reduce(reduction, w.block);
    Var q = slot(w.weight, 0), key = slot(w.weight, 1), ko("ko"), ki("ki");
    w.weight.compute_at(stages.state, w.block)
        .bound_extent(q, plan.queryTile)
        .split(key, ko, ki, plan.keyUnroll)
        .reorder(q, ki, ko)
        .vectorize(q, lanes)
        .unroll(ki);
    if (plan.queryTile <= 4 * lanes)
      w.weight.unroll(q);
  }

  // One vector of queries at a time, several partial results against the latency of max and add.
  void reduce(BlockReduction &reduction, RVar block) {
    Func total = reduction.total, partial = reduction.partial;
    Var q = slot(total, 0), pq = slot(partial, 0), u = slot(partial, 1);
    total.compute_at(stages.state, block).bound_extent(q, plan.queryTile).vectorize(q, lanes);
    partial.compute_at(total, q).bound_extent(pq, lanes).vectorize(pq, lanes).unroll(u);
    partial.update().reorder(pq, u, reduction.steps).vectorize(pq, lanes).unroll(u);
  }

  void scheduleProduct(BlockWalk &w) {
    Var q = slot(w.product, 0), column = slot(w.product, 1), qv("qv"), qi("qi");
    RVar ko("ko"), ki("ki");
    w.product.bound_extent(q, registerTile())
        .bound_extent(column, plan.depthUnroll)
        .vectorize(q, lanes)
        .unroll(q)
        .unroll(column);
    w.product.update()
        .split(w.keys, ko, ki, plan.reduceUnroll)
        .split(q, qv, qi, lanes)
        .reorder(qi, qv, column, ki, ko)
        .vectorize(qi)
        .unroll(qv)
        .unroll(column)
        .unroll(ki);
  }
};

} // namespace

Pipeline scheduleOnline(OnlineStages &stages, const OnlinePlan &plan, const TargetInfo &target) {
  OnlineScheduler(stages, plan, target).run();
  return Pipeline(stages.output);
}

OnlinePlan defaultOnlinePlan(const TargetInfo &target) {
  OnlinePlan plan;
  plan.queryVectors = target.registers >= 32 ? 4 : 2;
  return plan;
}

} // namespace heed
