#include "schedules/families/Gpu.h"
#include "schedules/families/CountedLoops.h"

using namespace Halide;

namespace heed {
namespace {

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
        onThreads(perRow, 0);
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
  void onThreads(Func f, int row) {
    Var q = f.args()[size_t(row)];
    f.split(q, q, y, yThreads(), TailStrategy::GuardWithIf).reorder(q, y).gpu_threads(y);
  }

  /// What rows are made of belongs to a thread.
  void scheduleRows(PackedRows &packed, LoopLevel at, int count) {
    Func rows = packed.rows;
    if (!rows.defined())
      return;
    share(rows, at, {packed.columns, count});
    onThreads(rows, 0, 1);
    Var row = rows.args()[1];
    auto keep = [&](Func f, std::vector<int> extents) {
      f.compute_at(rows, row).store_in(MemoryType::Stack);
      boundStorage(f, extents);
    };
    for (size_t i = 0; i < packed.made.size(); i++) {
      for (RowSumStages &sum : packed.made[i].sums) {
        keep(sum.partial, {sum.lanes});
        keep(sum.sum, {});
      }
      if (i + 1 < packed.made.size())
        keep(packed.made[i].output, {packed.made[i].columns});
    }
  }

  void scheduleState() {
    Func state = stages.state;
    share(state, task, {stages.groups, plan.queryTile});
    onThreads(state, 0, 1);
  }

  void scheduleWalk(GpuWalk &w, int number) {
    Stage update = stages.state.update(number);
    Var group = stages.state.args()[0], q = stages.state.args()[1];
    onThreads(update, group, q, {}, {w.block});
    LoopLevel loop(stages.state, w.block);
    w.product.compute_at(stages.state, group).unroll(w.product.args()[0]);
    boundStorage(w.product, {plan.columns});
    RVar ko("ko"), ki("ki");
    w.product.update()
        .split(w.keys, ko, ki, plan.reduceUnroll)
        .reorder(w.product.args()[0], ki, ko)
        .unroll(w.product.args()[0])
        .unroll(ki);

    share(w.score, loop, {plan.queryTile, plan.keyTile});
    onThreads(w.score, 1, 0);
    w.dot.compute_at(w.score, w.score.args()[1]);
    boundStorage(w.dot, {});
    for (PackedRows *rows : {&w.keyRows, &w.valueRows})
      scheduleRows(*rows, loop, plan.keyTile);
    share(w.weight, loop, {plan.queryTile, plan.keyTile});
    onThreads(w.weight, 1, 0);
    for (BlockReduction &reduction : w.reductions) {
      share(reduction.partial, loop, {plan.queryTile, reduction.partials});
      Var row = reduction.partial.args()[0], u = reduction.partial.args()[1];
      onThreads(reduction.partial, u, row, {});
      onThreads(reduction.partial.update(), u, row, {reduction.steps});
      share(reduction.total, loop, {plan.queryTile});
      onThreads(reduction.total, 0);
    }
  }
};

} // namespace

Pipeline scheduleGpu(GpuStages &stages, const GpuPlan &plan) {
  GpuScheduler(stages, plan).run();
  Pipeline pipeline(stages.output);
  pipeline.add_custom_lowering_pass(new CountedLoops);
  return pipeline;
}

GpuPlan defaultGpuPlan() { return {}; }

} // namespace heed
