#include "schedules/families/Gpu.h"
#include "schedules/families/CountedLoops.h"

#include <algorithm>
#include <numeric>
#include <utility>

using namespace Halide;

namespace heed {
namespace {

/// Shared memory has 32 banks of a word. Rows of a tile lie this much further apart than they are
/// long, so that threads that read down a column meet different banks, four words at a time.
constexpr int bankShift = 4;

class GpuScheduler {
public:
  GpuScheduler(GpuStages &stages, const GpuPlan &plan) : stages(stages), plan(plan) {}

  void run() {
    scheduleOutput();
    scheduleRows(stages.queries.rows, task, plan.queryTile);
    share(stages.queries.packed, task, {plan.queryTile, stages.dim});
    onThreads(stages.queries.packed, 1, 0);
    for (Func perRow : {stages.factor, stages.logSumExp})
      if (perRow.defined()) {
        share(perRow, task, {plan.queryTile});
        onThreads(perRow, perRow.args()[0], {});
      }
    scheduleState();
    for (size_t i = 0; i < stages.walks.size(); i++)
      scheduleWalk(stages.walks[i], int(i));
  }

private:
  GpuStages &stages;
  const GpuPlan &plan;
  LoopLevel task; // a block of threads
  Var x{"x"}, y{"y"};
  Var qi{"qi"}, ki{"ki"}; // of a register tile

  int xThreads() const { return plan.keyThreads; }
  int yThreads() const { return plan.queryThreads; }

  void scheduleOutput() {
    Func out = stages.output;
    Var d = out.args()[0], head = out.args()[1], query = out.args()[2], batch = out.args()[3];
    Var tile("tile");
    out.split(query, tile, query, plan.queryTile, TailStrategy::GuardWithIf)
        .split(query, query, y, yThreads(), TailStrategy::GuardWithIf)
        .split(d, d, x, xThreads(), TailStrategy::GuardWithIf)
        .reorder({d, query, x, y, tile, head, batch})
        .gpu_blocks(tile, head, batch)
        .gpu_threads(x, y);
    task = {out, tile};
  }

  /// In shared memory, `extents` of the first dimensions and 1 of all others: what is known while
  /// compiling, or the host would have to find sizes out from tensors that lie on the device.
  static void share(Func f, LoopLevel at, std::vector<int> extents) {
    f.compute_at(at).store_in(MemoryType::GPUShared);
    boundStorage(f, extents);
  }
  static void boundStorage(Func f, std::vector<int> extents) {
    extents.resize(f.args().size(), 1);
    for (size_t i = 0; i < extents.size(); i++)
      f.bound_storage(f.args()[i], extents[i]);
  }

  /// Argument `alongX` of `stage` goes over threads in x, and `alongY` in y.
  void onThreads(Stage stage, Var alongX, Var alongY, std::vector<VarOrRVar> inner,
                 std::vector<VarOrRVar> outer = {}) {
    stage.split(alongX, alongX, x, xThreads(), TailStrategy::GuardWithIf)
        .split(alongY, alongY, y, yThreads(), TailStrategy::GuardWithIf);
    std::vector<VarOrRVar> order = inner;
    for (Var v : {alongX, alongY, x, y})
      order.push_back(v);
    order.insert(order.end(), outer.begin(), outer.end());
    stage.reorder(order).gpu_threads(x, y);
  }
  void onThreads(Func f, int alongX, int alongY) {
    onThreads(f, f.args()[size_t(alongX)], f.args()[size_t(alongY)], {});
  }
  /// A number for each row: over all threads, as far as there are rows.
  void onThreads(Stage stage, Var row, std::vector<VarOrRVar> inner) {
    inner.insert(inner.end(), {row, x, y});
    stage.split(row, row, x, xThreads() * yThreads(), TailStrategy::GuardWithIf)
        .split(x, y, x, xThreads(), TailStrategy::GuardWithIf)
        .reorder(inner)
        .gpu_threads(x, y);
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
      for (RowSumStages &sum : packed.made[i].sums) {
        Var lane = sum.partial.args()[0], row = sum.partial.args()[1];
        share(sum.partial, at, {sum.lanes, count});
        onThreads(sum.partial, lane, row, {});
        onThreads(sum.partial.update(), lane, row, {sum.step});
        share(sum.sum, at, {count});
        onThreads(sum.sum, row, {});
        onThreads(sum.sum.update(), row, {sum.lane});
      }
      if (i + 1 < packed.made.size())
        shareRows(packed.made[i].output, packed.made[i].columns);
    }
  }

  /// `v` goes over `threads`, of which each has `registers` side by side at a time: inner.
  static void deal(Stage stage, Var v, Var thread, int threads, Var inner, int registers) {
    stage.split(v, v, thread, registers * threads, TailStrategy::GuardWithIf)
        .split(thread, thread, inner, registers, TailStrategy::GuardWithIf)
        .unroll(inner);
  }

  /// A sum over `steps`, of a tile whose numbers all are in registers.
  void sumInRegisters(Func sum, RVar steps, std::vector<int> tile, int count) {
    boundStorage(sum, tile);
    Var a = sum.args()[0], b = sum.args()[1];
    sum.unroll(a).unroll(b);
    RVar outer("outer"), inner("inner");
    sum.update().split(steps, outer, inner, std::gcd(plan.reduceUnroll, count));
    sum.update().reorder(a, b, inner, outer).unroll(a).unroll(b).unroll(inner);
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
    deal(update, q, y, yThreads(), qi, plan.queryRegisters);
    update.split(group, group, x, xThreads(), TailStrategy::GuardWithIf)
        .reorder({qi, group, q, x, y, w.block})
        .gpu_threads(x, y);
    LoopLevel loop(stages.state, w.block);
    w.product.compute_at(stages.state, group);
    sumInRegisters(w.product, w.keys, {plan.columns, plan.queryRegisters}, w.keyTile);

    share(w.score, loop, {plan.queryTile + bankShift, plan.keyTile});
    Var query = w.score.args()[0], key = w.score.args()[1];
    deal(w.score, query, y, yThreads(), qi, plan.queryRegisters);
    deal(w.score, key, x, xThreads(), ki, plan.keyRegisters);
    w.score.reorder(qi, ki, key, query, x, y).gpu_threads(x, y);
    w.dot.compute_at(w.score, key);
    sumInRegisters(w.dot, w.depth, {plan.queryRegisters, plan.keyRegisters},
                   stages.dim / w.columnsAtATime);
    for (PackedRows *rows : {&w.keyRows, &w.valueRows})
      scheduleRows(*rows, loop, plan.keyTile);
    Func keys = w.keyRows.rows; // a thread's lie side by side
    keys.reorder_storage(keys.args()[1], keys.args()[0]);
    keys.bound_storage(keys.args()[1], plan.keyTile + bankShift);
    share(w.weight, loop, {plan.queryTile + bankShift, plan.keyTile});
    query = w.weight.args()[0], key = w.weight.args()[1];
    deal(w.weight, query, y, yThreads(), qi, plan.queryRegisters);
    w.weight.split(key, key, x, xThreads(), TailStrategy::GuardWithIf)
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

/// Words of shared memory that a block of threads takes at most. Three places are taken in turns by
/// keys, values, scores and weights.
static int wordsOf(const GpuPlan &plan, const GpuShape &shape) {
  constexpr int states = 2; // of most normalizers
  int queries = plan.queryTile, keys = plan.keyTile;
  int groups = divideUp(shape.valueDim, plan.columns);
  int place = std::max((keys + bankShift) * shape.dim, keys * shape.valueDim);
  return queries * shape.dim + groups * queries * (states + plan.columns) + 3 * place +
         shape.queryRows * queries * shape.dim + shape.blockRows * keys * shape.dim;
}

// Four by four numbers and what they are made from fill the 64 registers that Halide's runtime lets
// a thread have. Loop bounds from memory take a dozen: with these, a thread has one query.
GpuPlan defaultGpuPlan(const GpuShape &shape) {
  const std::vector<GpuPlan> plans = {{32, 32, 8, 8, 4, 4, 4, 4}, {16, 32, 8, 8, 2, 4, 4, 4},
                                      {16, 16, 8, 8, 2, 2, 4, 4}, {16, 16, 8, 16, 2, 1, 8, 4},
                                      {8, 8, 8, 8, 1, 1, 8, 4},   {8, 4, 8, 4, 1, 1, 8, 4}};
  auto fits = [&](const GpuPlan &plan) { return wordsOf(plan, shape) * 4 <= mostSharedBytes; };
  auto first = std::find_if(plans.begin(), plans.end(), fits);
  GpuPlan plan = first == plans.end() ? plans.back() : *first;
  if (shape.loadsBounds)
    plan.queryThreads *= std::exchange(plan.queryRegisters, 1);
  return plan;
}

} // namespace heed
