#include "schedules/families/Gpu.h"
#include "schedules/families/CountedLoops.h"
#include "schedules/families/GpuBlock.h"

#include <algorithm>
#include <bit>
#include <numeric>

using namespace Halide;

namespace heed {
namespace {

class GpuScheduler : GpuBlock {
public:
  GpuScheduler(GpuStages &stages, const GpuPlan &plan)
      : GpuBlock(plan.keyThreads, plan.queryThreads), stages(stages), plan(plan) {}

  void run() {
    if (stages.parts.defined())
      scheduleParts();
    else
      scheduleOutput();
    scheduleLists();
    scheduleRows(stages.queries.rows, task, plan.queryTile);
    share(stages.queries.packed, task, {plan.queryTile, stages.dim});
    onThreads(stages.queries.packed, 1, 0);
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined()) {
        share(perRow, task, {plan.queryTile});
        onAllThreads(perRow, perRow.args()[0]);
      }
    scheduleState();
    for (size_t i = 0; i < stages.walks.size(); i++)
      scheduleWalk(stages.walks[i], int(i));
  }

private:
  GpuStages &stages;
  const GpuPlan &plan;
  LoopLevel task;         // a block of threads
  Var qi{"qi"}, ki{"ki"}; // of a register tile

  void scheduleOutput() {
    Func out = stages.output;
    Var head = out.args()[1], query = out.args()[2], batch = out.args()[3], tile("tile");
    out.split(query, tile, query, plan.queryTile, TailStrategy::GuardWithIf);
    scheduleTiles(out, query, tile, head, batch);
  }

  /// Parts of keys in blocks of threads of their own; then a thread merges them for a column.
  void scheduleParts() {
    Func parts = stages.parts, out = stages.output;
    scheduleTiles(parts.compute_root(), parts.args()[1], parts.args()[2], parts.args()[3],
                  parts.args()[4]);
    Var d = out.args()[0], head = out.args()[1], query = out.args()[2], batch = out.args()[3];
    Var threads("threads");
    out.split(d, threads, x, xThreads * yThreads, TailStrategy::GuardWithIf)
        .reorder({x, threads, head, query, batch})
        .gpu_threads(x)
        .fuse(threads, head, head)
        .gpu_blocks(head, query, batch);
    stages.merged.compute_at(out, x);
    stages.merged.update().reorder(stages.merged.args()[0], stages.part);
  }

  /// Rows `row` of a tile, in the first dimension their columns.
  void scheduleTiles(Func of, Var row, Var tile, Var head, Var batch) {
    Var d = of.args()[0];
    of.split(row, row, y, yThreads, TailStrategy::GuardWithIf)
        .split(d, d, x, xThreads, TailStrategy::GuardWithIf)
        .reorder({d, row, x, y, tile, head, batch})
        .gpu_blocks(tile, head, batch)
        .gpu_threads(x, y);
    task = {of, tile};
  }

  /// Whether blocks of a tile read the same lines. Otherwise the thread that asks for a status
  /// makes its own.
  bool hasSharedLines(const BoxExtremes &box) const {
    return box.lines.defined() && !stages.parts.defined() &&
           !box.linesAreOf(stages.queries.status.args()[0]);
  }

  /// Of a Func that has several numbers a tile.
  static std::vector<Var> tilesOf(Func f) {
    std::vector<Var> tiles = f.args();
    tiles.erase(tiles.begin());
    return tiles;
  }

  /// Which blocks count, before all else, in the device's memory: segments by a thread for each
  /// position, extremes by one for each column, statuses for each block of keys, lists and bounds
  /// for each tile.
  void scheduleLists() {
    for (SegmentTable &table : stages.queries.segments) {
      Var position = table.ends.args()[0];
      onGrid(table.ends.bound(position, -1, table.last + 2).compute_root(), {position});
      table.count.compute_at(table.ends, alone);
    }
    for (BoxExtremes &box : stages.queries.boxes)
      if (hasSharedLines(box)) {
        onGrid(box.lines.compute_root(), box.lines.args());
        onGrid(box.lines.update(), box.lines.args());
      }
    if (stages.queries.status.defined())
      onGrid(stages.queries.status.compute_root(), stages.queries.status.args());
    if (stages.bounds.defined()) {
      Var end = stages.bounds.args()[0];
      onGrid(stages.bounds.compute_root().unroll(end), tilesOf(stages.bounds));
    }
    for (BlockList &list : stages.queries.lists) {
      list.blocks.compute_root();
      for (int i = 0; i < list.blocks.num_update_definitions(); i++)
        onGrid(list.blocks.update(i), tilesOf(list.blocks));
      list.blocks.update(1).unroll(list.part);
    }
  }

  /// Rows in shared memory, and what they are made of.
  void scheduleRows(PackedRows &packed, LoopLevel at, int count) {
    if (!packed.rows.defined())
      return;
    auto shareRows = [&](Func rows, int columns) {
      share(rows, at, {columns, count});
      onThreads(rows, 0, 1);
    };
    shareRows(packed.rows, packed.columns);
    for (size_t i = 0; i < packed.made.size(); i++) {
      for (RowSumStages &sum : packed.made[i].sums)
        shareRowSum(sum, at, count);
      if (i + 1 < packed.made.size())
        shareRows(packed.made[i].output, packed.made[i].columns);
    }
  }

  /// A sum over `count` steps, of a tile of the first two dimensions in registers.
  void sumTile(Func sum, RVar steps, std::vector<int> tile, int count) const {
    sumInRegisters(sum, {sum.args()[0], sum.args()[1]}, steps, std::move(tile),
                   std::gcd(plan.reduceUnroll, count));
  }

  void scheduleState() {
    Func state = stages.state;
    share(state, task, {stages.groups, plan.queryTile});
    onThreads(state, 0, 1);
  }

  /// In a thread's registers, for the queries of a tile.
  void keep(std::vector<BlockReduction> &reductions, LoopLevel at) {
    for (BlockReduction &reduction : reductions) {
      if (!reduction.total.defined())
        continue;
      Func partial = reduction.partial, total = reduction.total;
      for (Func f : {partial, total})
        f.compute_at(at).unroll(f.args()[0]);
      boundStorage(partial, {plan.queryRegisters, reduction.partials});
      boundStorage(total, {plan.queryRegisters});
      Var row = partial.args()[0], u = partial.args()[1];
      partial.unroll(u);
      partial.update().reorder(row, u, reduction.steps).unroll(row).unroll(u);
    }
  }

  void scheduleWalk(GpuWalk &w, int number) {
    Stage update = stages.state.update(number);
    Var group = stages.state.args()[0], q = stages.state.args()[1];
    deal(update, q, y, yThreads, qi, plan.queryRegisters);
    update.split(group, group, x, xThreads, TailStrategy::GuardWithIf)
        .reorder({qi, group, q, x, y, w.block})
        .gpu_threads(x, y);
    LoopLevel loop(stages.state, w.block);
    w.product.compute_at(stages.state, group);
    sumTile(w.product, w.keys, {plan.columns, plan.queryRegisters}, w.keyTile);

    share(w.score, loop, {plan.queryTile + bankShift, plan.keyTile});
    Var query = w.score.args()[0], key = w.score.args()[1];
    deal(w.score, query, y, yThreads, qi, plan.queryRegisters);
    deal(w.score, key, x, xThreads, ki, plan.keyRegisters);
    w.score.reorder(qi, ki, key, query, x, y).gpu_threads(x, y);
    w.dot.compute_at(w.score, key);
    sumTile(w.dot, w.depth, {plan.queryRegisters, plan.keyRegisters},
            stages.dim / w.columnsAtATime);
    for (PackedRows *rows : {&w.keyRows, &w.valueRows})
      scheduleRows(*rows, loop, plan.keyTile);
    Func keys = w.keyRows.rows; // a thread's lie side by side
    keys.reorder_storage(keys.args()[1], keys.args()[0]);
    keys.bound_storage(keys.args()[1], plan.keyTile + bankShift);
    share(w.weight, loop, {plan.queryTile + bankShift, plan.keyTile});
    query = w.weight.args()[0], key = w.weight.args()[1];
    deal(w.weight, query, y, yThreads, qi, plan.queryRegisters);
    w.weight.split(key, key, x, xThreads, TailStrategy::GuardWithIf)
        .reorder(qi, key, query, x, y)
        .gpu_threads(x, y);
    keep(w.ofWeight, {w.weight, query});
    keep(w.ofState, {stages.state, q});
  }
};

} // namespace

Pipeline scheduleGpu(GpuStages &stages, const GpuPlan &plan) {
  GpuScheduler(stages, plan).run();
  Pipeline pipeline(stages.output);
  pipeline.add_custom_lowering_pass(new CountedLoops);
  return pipeline;
}

/// With four queries in registers a thread has columns in two groups at least: the state of its
/// only one would be loaded while all products are still there. And it knows the documents of no
/// more than two.
static GpuPlan withinRegisters(GpuPlan plan, const GpuShape &shape) {
  if (plan.queryRegisters < 4)
    return plan;
  unsigned columns = std::max(1, shape.valueDim / (2 * plan.keyThreads));
  plan.columns = std::min(plan.columns, int(std::bit_floor(columns)));
  if (shape.readsSegments)
    plan.queryThreads *= 2, plan.queryRegisters /= 2;
  return plan;
}

static GpuPlan firstThatFits(const std::vector<GpuPlan> &plans, const GpuShape &shape) {
  for (const GpuPlan &plan : plans)
    if (GpuPlan own = withinRegisters(plan, shape); sharedBytes(own, shape) <= mostSharedBytes)
      return own;
  return plans.back();
}

// Four by four numbers and what they are made from fill the 64 registers that Halide's runtime lets
// a thread have.
GpuPlan defaultGpuPlan(const GpuShape &shape) {
  return firstThatFits({{32, 32, 8, 8, 4, 4, 4, 4},
                        {16, 32, 8, 8, 2, 4, 4, 4},
                        {16, 16, 8, 8, 2, 2, 4, 4},
                        {16, 16, 8, 16, 2, 1, 8, 4},
                        {8, 8, 8, 8, 1, 1, 8, 4},
                        {8, 4, 8, 4, 1, 1, 8, 4}},
                       shape);
}

// A query is often alone, and its keys are read once: what counts is that all SMs read.
GpuPlan defaultGpuSplitPlan(const GpuShape &shape) {
  return firstThatFits({{4, 32, 4, 32, 1, 1, 4, 4, 256},
                        {4, 16, 4, 16, 1, 1, 4, 4, 256},
                        {4, 8, 4, 8, 1, 1, 8, 4, 256},
                        {4, 4, 4, 4, 1, 1, 8, 4, 256}},
                       shape);
}

} // namespace heed
