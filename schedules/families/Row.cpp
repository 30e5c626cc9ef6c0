#include "schedules/families/Row.h"
#include "schedules/families/CountedLoops.h"
#include "schedules/families/Operand.h"
#include "schedules/families/QueryTile.h"
#include "schedules/families/Transpose.h"

using namespace Halide;

namespace heed {
namespace {

constexpr int reduceUnroll = 4; // steps of the products

class RowScheduler {
public:
  RowScheduler(RowStages &stages, const RowPlan &plan, const TargetInfo &target)
      : stages(stages), plan(plan), lanes(target.lanes) {}

  void run() {
    if (stages.result == RowResult::KeySums)
      scheduleKeySums();
    else
      scheduleResult();
    scheduleQueries(stages.queries, task, shape());
    scheduleScores();
    for (RowReduction &reduction : stages.reductions)
      scheduleReduction(reduction);
    if (stages.threshold.defined())
      scheduleThreshold();
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined())
        perRow.compute_at(task).vectorize(perRow.args()[0], lanes);
    if (stages.sum.defined())
      scheduleProduct();
  }

private:
  RowStages &stages;
  const RowPlan &plan;
  const int lanes;
  LoopLevel task; // of a tile of queries

  TileShape shape() const { return {plan.queryTile, plan.queryTile, plan.turn, lanes}; }

  void scheduleResult() {
    bool isOutput = stages.result == RowResult::Output;
    Func out = stages.output;
    int strip = roundUp(isOutput ? stages.columns : plan.keyTile, plan.turn);
    task = {out,
            scheduleTasks(out, out.args()[isOutput ? 2 : 1], stages.rows, strip, shape()).task};
  }

  void scheduleKeySums() {
    Func out = stages.output, sums = stages.laneSums;
    Var key = out.args()[0], head = out.args()[1], batch = out.args()[2], both("headAndBatch");
    out.fuse(head, batch, both).parallel(both).vectorize(key, lanes, TailStrategy::GuardWithIf);
    out.update().reorder(stages.lane, key, head, batch).fuse(head, batch, both).parallel(both);
    out.update().atomic().vectorize(stages.lane, lanes);
    Var q = sums.args()[0];
    sums.compute_at(out, both).vectorize(q, lanes);
    sums.update().reorder(q, stages.laneKey, stages.laneBlock, stages.laneTile).vectorize(q, lanes);
    task = {sums, stages.laneTile};
  }

  void scheduleScores() {
    Func score = stages.score;
    Var q = score.args()[0], qv("qv"), qi("qi");
    RVar ko("ko"), ki("ki");
    score.compute_at(task);
    score.update()
        .split(stages.key, ko, ki, plan.keyUnroll)
        .split(q, qv, qi, lanes)
        .reorder(qi, qv, ki, ko, stages.block)
        .vectorize(qi)
        .unroll(qv)
        .unroll(ki);
    schedulePackedRows(stages.blocks.keyRows, {score, stages.block}, lanes);
    scheduleDot(stages.blocks, {score, ko}, plan.queryTile / lanes, plan.keyUnroll, reduceUnroll,
                lanes);
  }

  // One vector of queries at a time, several partial results against the latency of max and add.
  void scheduleReduction(RowReduction &reduction) {
    Func total = reduction.total, ofBlock = reduction.block.total,
         partial = reduction.block.partial;
    Var q = total.args()[0], qi("qi"), pq = partial.args()[0], u = partial.args()[1];
    total.compute_at(task).vectorize(q, lanes);
    total.update().split(q, q, qi, lanes).reorder(qi, reduction.blocks, q).vectorize(qi);
    ofBlock.compute_at(total, reduction.blocks).vectorize(ofBlock.args()[0], lanes);
    partial.compute_at(total, reduction.blocks)
        .bound_extent(pq, lanes)
        .vectorize(pq, lanes)
        .unroll(u);
    partial.update().reorder(pq, u, reduction.block.steps).vectorize(pq, lanes).unroll(u);
  }

  void scheduleThreshold() {
    Func threshold = stages.threshold;
    Var q = threshold.args()[0], qv("qv"), qi("qi");
    threshold.compute_at(task).vectorize(q, lanes);
    threshold.update()
        .split(q, qv, qi, lanes)
        .reorder(qi, qv, stages.thresholdKey, stages.thresholdBlock, stages.thresholdStep)
        .vectorize(qi)
        .unroll(qv);
  }

  void scheduleProduct() {
    Func sum = stages.sum, product = stages.product, weight = stages.weight;
    Var q = sum.args()[0], column = sum.args()[1], qv("qv"), qi("qi"), co("co"), ci("ci");
    sum.compute_at(task).align_bounds(column, plan.depthUnroll).vectorize(q, lanes);
    sum.update()
        .split(column, co, ci, plan.depthUnroll)
        .split(q, qv, qi, lanes)
        .reorder(qi, qv, ci, co, stages.sumBlocks)
        .vectorize(qi)
        .unroll(qv)
        .unroll(ci);
    weight.compute_at(sum, stages.sumBlocks)
        .bound_extent(weight.args()[0], plan.queryTile)
        .vectorize(weight.args()[0], lanes);
    schedulePackedRows(stages.blocks.valueRows, {sum, stages.sumBlocks}, lanes);
    Var pq = product.args()[0], pc = product.args()[1];
    RVar ko("ko"), ki("ki");
    product.compute_at(sum, co)
        .bound_extent(pq, plan.queryTile)
        .bound_extent(pc, plan.depthUnroll)
        .vectorize(pq, lanes)
        .unroll(pq)
        .unroll(pc);
    product.update()
        .split(stages.productKeys, ko, ki, reduceUnroll, TailStrategy::GuardWithIf)
        .split(pq, qv, qi, lanes)
        .reorder(qi, qv, pc, ki, ko)
        .vectorize(qi)
        .unroll(qv)
        .unroll(pc)
        .unroll(ki);
  }
};

} // namespace

Pipeline scheduleRow(RowStages &stages, const RowPlan &plan, const TargetInfo &target) {
  RowScheduler(stages, plan, target).run();
  Pipeline pipeline(stages.output);
  pipeline.add_custom_lowering_pass(new Transpose);
  pipeline.add_custom_lowering_pass(new CountedLoops);
  return pipeline;
}

RowPlan defaultRowPlan(const TargetInfo &target) {
  RowPlan plan;
  plan.queryTile = target.lanes * (target.registers >= 32 ? 4 : 2);
  plan.turn = target.lanes;
  return plan;
}

} // namespace heed
