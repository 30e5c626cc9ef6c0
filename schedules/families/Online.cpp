#include "schedules/families/Online.h"
#include "schedules/families/CountedLoops.h"
#include "schedules/families/Operand.h"
#include "schedules/families/QueryTile.h"
#include "schedules/families/ReversedRows.h"
#include "schedules/families/RowPrefetch.h"
#include "schedules/families/Transpose.h"

using namespace Halide;

namespace heed {
namespace {

constexpr const char *tilesOfSlots = "so"; // the state's loop

class OnlineScheduler {
public:
  OnlineScheduler(OnlineStages &stages, const OnlinePlan &plan, const TargetInfo &target)
      : stages(stages), plan(plan), lanes(target.lanes * 4 / stages.queries.packed.type().bytes()) {
  }

  void run() {
    task = scheduleOutput();
    scheduleQueries(stages.queries, {stages.output, task}, shape());
    Var q = slot(stages.state, 0), qi("qi");
    stages.state.compute_at(stages.output, task)
        .bound(slot(stages.state, 1), 0, stages.slots)
        .bound(q, 0, stages.queryTile)
        .split(q, q, qi, plan.queryTile)
        .vectorize(qi, lanes);
    ofOneTile(stages.state, shape());
    if (plan.queryTile <= 4 * lanes)
      stages.state.unroll(qi);
    for (size_t i = 0; i < stages.walks.size(); i++) {
      scheduleState(stages.walks[i], int(i));
      if (stages.walks[i].cut.defined())
        stages.walks[i].cut.compute_at(partBlock(stages.walks[i]));
      scheduleScores(stages.walks[i]);
      scheduleWeights(stages.walks[i]);
      scheduleProduct(stages.walks[i]);
      boundBlock(stages.walks[i]);
      if (hasParts())
        ofOneTile(stages.walks[i].parts, shape()).compute_at(stages.output, task);
      if (stages.walks[i].bounds.defined())
        scheduleBounds(stages.walks[i].bounds, packing(stages.walks[i]),
                       stages.walks[i].packedBlocks, lanes);
      for (PackedRows *rows : {&stages.walks[i].keyRows, &stages.walks[i].valueRows})
        schedulePacked(*rows, stages.walks[i]);
    }
  }

private:
  OnlineStages &stages;
  const OnlinePlan &plan;
  const int lanes;
  Var task{"task"}, part{"part"};

  static Var slot(Func f, int i) { return f.args()[i]; }
  TileShape shape() const { return {stages.queryTile, stages.finishedQueries, plan.turn, lanes}; }
  bool hasParts() const { return stages.queryTile > plan.queryTile; }

  void schedulePacked(PackedRows &rows, const BlockWalk &w) {
    if (hasParts() && rows.rows.defined())
      rows.rows.bound_extent(slot(rows.rows, 2), w.packedBlocks);
    schedulePackedRows(rows, packing(w), lanes);
  }
  LoopLevel packing(const BlockWalk &w) const {
    return {stages.state, hasParts() ? w.pack : w.block};
  }
  // Parts of a tile take turns at a block of which something is made, once for all of them: 4 to
  // 10% less time at 70 to 100 tokens. Else each walks by itself: its state stays near, 0 to 2%.
  bool takeTurns(const BlockWalk &w) const {
    return !hasParts() && w.queries < plan.queryTile &&
           (w.keyRows.rows.defined() || w.valueRows.rows.defined() || w.bounds.defined());
  }
  LoopLevel partBlock(const BlockWalk &w) const {
    return takeTurns(w) ? LoopLevel(stages.state, part) : LoopLevel(stages.state, w.block);
  }
  int registerTile(const BlockWalk &w) const {
    return std::min(lanes * plan.queryVectors, w.queries);
  }

  Var scheduleOutput() {
    Func out = stages.output;
    TaskLoops loops = scheduleTasks(out, out.args()[2], stages.finished,
                                    roundUp(stages.columns, plan.turn), shape());
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined())
        ofOneTile(perRow, shape())
            .compute_at(out, loops.finished)
            .vectorize(slot(perRow, 0), lanes);
    return loops.task;
  }

  void scheduleState(BlockWalk &w, int index) {
    Var q = slot(stages.state, 0), qo("qo"), qv("qv"), qi("qi");
    RVar so(tilesOfSlots), si("si");
    std::vector<VarOrRVar> order{qi, qv, si, qo, so, w.block};
    order.insert(takeTurns(w) ? order.end() - 1 : order.end(), part);
    if (hasParts())
      order.push_back(w.pack);
    Stage update = stages.state.update(index);
    update.split(w.slot, so, si, plan.depthUnroll)
        .split(q, part, q, w.queries)
        .split(q, qo, qi, registerTile(w))
        .split(qi, qv, qi, lanes)
        .reorder(order)
        .vectorize(qi)
        .unroll(qv)
        .unroll(si)
        // Halide peels the special slots off the loop over slots, or two exp2 would run for every
        // tile of columns. It may cut no loop around that instead.
        .partition(w.block, Partition::Never)
        .partition(part, Partition::Never);
    if (hasParts())
      update.partition(w.pack, Partition::Never);
    w.product.compute_at(stages.state, qo);
  }

  // These are of one block at a time, which `blockOf` sees to. Bounds inference does not always see
  // it, and their sizes would be known only while the kernel runs: 10% more time for 72 causal
  // tokens of bfloat16.
  void boundBlock(BlockWalk &w) {
    std::vector<Func> ofBlock{w.dot, w.score, w.weight, w.product};
    for (BlockReduction &reduction : w.reductions)
      ofBlock.insert(ofBlock.end(), {reduction.partial, reduction.total});
    for (Func f : ofBlock)
      for (const Var &var : f.args())
        if (var.name() == "block")
          f.bound_extent(var, 1);
  }

  void scheduleScores(BlockWalk &w) {
    Var q = slot(w.score, 0), qo("qo"), qv("qv"), qi("qi");
    w.score.compute_at(partBlock(w))
        .bound_extent(q, w.queries)
        .bound(slot(w.score, 1), 0, w.keyTile / plan.keyUnroll);
    Stage update = w.score.update();
    update.split(q, qo, qi, registerTile(w)).split(qi, qv, qi, lanes).vectorize(qi).unroll(qv);
    update.reorder(qi, qv, qo, w.groupInStep, w.scoreSteps);
    if (w.sharesDivisions)
      scheduleDot(w, {w.score, w.scoreSteps}, w.queries / lanes, plan.keyUnroll * w.groups,
                  plan.reduceUnroll, lanes);
    else
      scheduleDot(w, {w.score, qo}, registerTile(w) / lanes, plan.keyUnroll, plan.reduceUnroll,
                  lanes);
  }

  void scheduleWeights(BlockWalk &w) {
    for (BlockReduction &reduction : w.reductions)
      reduce(reduction, w);
    Var q = slot(w.weight, 0), key = slot(w.weight, 1);
    w.weight.compute_at(partBlock(w))
        .bound_extent(q, w.queries)
        .bound(key, 0, w.keyTile / w.keysOfWeight);
    Stage update = w.weight.update();
    update.reorder(q, w.weightInGroup, w.weightGroups).vectorize(q, lanes).unroll(w.weightInGroup);
    if (w.queries <= 4 * lanes)
      update.unroll(q);
  }

  // One vector of queries at a time; several partial results, but where a block is cut, against the
  // latency of max and add.
  void reduce(BlockReduction &reduction, const BlockWalk &w) {
    Func total = reduction.total, partial = reduction.partial;
    Var q = slot(total, 0), pq = slot(partial, 0), u = slot(partial, 1);
    total.compute_at(partBlock(w)).bound_extent(q, w.queries).vectorize(q, lanes);
    partial.compute_at(total, q).bound_extent(pq, lanes).vectorize(pq, lanes).unroll(u);
    partial.update().reorder(pq, u, reduction.steps).vectorize(pq, lanes).unroll(u);
  }

  void scheduleProduct(BlockWalk &w) {
    Var q = slot(w.product, 0), column = slot(w.product, 1), qv("qv"), qi("qi");
    w.product.bound_extent(q, registerTile(w))
        .bound_extent(column, plan.depthUnroll)
        .vectorize(q, lanes)
        .unroll(q)
        .unroll(column);
    if (w.productChains > 1) {
      Var chain = slot(w.product, 2);
      w.product.bound_extent(chain, w.productChains).unroll(chain);
    }
    w.product.update()
        .split(q, qv, qi, lanes)
        .reorder(qi, qv, column, w.inStep, w.steps)
        .vectorize(qi)
        .unroll(qv)
        .unroll(column)
        .unroll(w.inStep);
  }
};

// What the steps of full blocks fetch, and in tasks that have none those of masked ones. Blocks of
// a list do not follow each other.
std::vector<BlockSteps> blockSteps(const OnlineStages &stages, const OnlinePlan &plan) {
  auto rowsOf = [](const PackedRows &packed, int count) {
    return BufferRows{packed.buffer, packed.columns * packed.width, count};
  };
  const std::string tiles = std::string(".") + tilesOfSlots;
  const TaskRows queries{rowsOf(stages.queries.rows, plan.queryTile), 1},
      output{{stages.output.name() + (stages.output.outputs() > 1 ? ".0" : ""), stages.columns,
              plan.queryTile},
             0};
  const bool hasParts = stages.queryTile > plan.queryTile;
  std::vector<BlockSteps> all;
  std::string fullBlocks;
  for (size_t i = 0; i < stages.walks.size(); i++) {
    const BlockWalk &w = stages.walks[i];
    BufferRows keys = rowsOf(w.keyRows, w.keyTile), values = rowsOf(w.valueRows, w.keyTile);
    if (w.list.defined())
      keys.buffer = values.buffer = "";
    const std::string blocks = w.block.name();
    if (!w.masked) {
      fullBlocks = blocks;
      if (!w.bounds.defined()) // else one of two loops runs, and has far more to do than to load
        all.push_back({.loop = w.dot.name() + ".s1.",
                       .tiles = w.scoreSteps.name(),
                       .blocks = blocks,
                       .block = keys,
                       .later = hasParts ? BufferRows{} : values,
                       .ofTask = {queries}});
      all.push_back({.loop = w.product.name() + ".s1.",
                     .tiles = tiles,
                     .blocks = blocks,
                     .block = values,
                     .ofTask = {output}});
    } else if (!fullBlocks.empty() && !w.list.defined() && !hasParts) {
      // The loop is state.s2.trail_walk$x.so.
      all.push_back(
          {.loop = stages.state.name() + ".s" + std::to_string(i + 1) + "." + w.slot.name() + tiles,
           .tiles = w.queries < plan.queryTile ? ".part" : tiles,
           .blocks = blocks,
           .ofTask = {queries, {keys, 1}, output, {values, 1, /*ifAlone=*/true}},
           .fromLast = stages.queries.order.fromLast,
           .others = fullBlocks});
    }
  }
  return all;
}

} // namespace

Pipeline scheduleOnline(OnlineStages &stages, const OnlinePlan &plan, const TargetInfo &target) {
  OnlineScheduler(stages, plan, target).run();
  Pipeline pipeline(stages.output);
  if (stages.queries.order.fromLast)
    pipeline.add_custom_lowering_pass(
        new ReversedRows(stages.output, stages.queries.order.forwards));
  pipeline.add_custom_lowering_pass(new Transpose);
  pipeline.add_custom_lowering_pass(new CountedLoops);
  pipeline.add_custom_lowering_pass(
      new RowPrefetch(stages.output.name(), blockSteps(stages, plan)));
  return pipeline;
}

OnlinePlan defaultOnlinePlan(const TargetInfo &target) {
  OnlinePlan plan;
  plan.queryVectors = target.registers >= 32 ? 4 : 2;
  plan.turn = target.lanes;
  return plan;
}

} // namespace heed
