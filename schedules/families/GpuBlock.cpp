#include "schedules/families/GpuBlock.h"

using namespace Halide;

namespace heed {

void GpuBlock::share(Func f, LoopLevel at, std::vector<int> extents) {
  f.compute_at(at).store_in(MemoryType::GPUShared);
  boundStorage(f, std::move(extents));
}

void GpuBlock::boundStorage(Func f, std::vector<int> extents) {
  extents.resize(f.args().size(), 1);
  for (size_t i = 0; i < extents.size(); i++)
    f.bound_storage(f.args()[i], extents[i]);
}

void GpuBlock::onThreads(Stage stage, Var alongX, Var alongY, std::vector<VarOrRVar> inner,
                         std::vector<VarOrRVar> outer) const {
  stage.split(alongX, alongX, x, xThreads, TailStrategy::GuardWithIf)
      .split(alongY, alongY, y, yThreads, TailStrategy::GuardWithIf);
  inner.insert(inner.end(), {alongX, alongY, x, y});
  inner.insert(inner.end(), outer.begin(), outer.end());
  stage.reorder(inner).gpu_threads(x, y);
}

void GpuBlock::onThreads(Func f, int alongX, int alongY) const {
  onThreads(f, f.args()[size_t(alongX)], f.args()[size_t(alongY)]);
}

void GpuBlock::onAllThreads(Stage stage, Var row, std::vector<VarOrRVar> inner) const {
  inner.insert(inner.end(), {row, x, y});
  stage.split(row, row, x, xThreads * yThreads, TailStrategy::GuardWithIf)
      .split(x, y, x, xThreads, TailStrategy::GuardWithIf)
      .reorder(inner)
      .gpu_threads(x, y);
}

void GpuBlock::onGrid(Stage stage, std::vector<Var> points) const {
  constexpr int threads = 64;
  stage.split(points[0], points[0], alone, threads, TailStrategy::GuardWithIf).gpu_threads(alone);
  Var block = points[0];
  for (size_t i = 1; i < points.size(); i++)
    stage.fuse(block, points[i], block);
  stage.reorder(alone, block).gpu_blocks(block);
}

void GpuBlock::deal(Stage stage, Var v, Var thread, int threads, Var inner, int registers) {
  stage.split(v, v, thread, registers * threads, TailStrategy::GuardWithIf)
      .split(thread, thread, inner, registers, TailStrategy::GuardWithIf)
      .unroll(inner);
}

void GpuBlock::sumInRegisters(Func sum, std::vector<Var> unrolled, RVar steps,
                              std::vector<int> tile, int unroll) {
  boundStorage(sum, std::move(tile));
  RVar outer("outer"), inner("inner");
  sum.update().split(steps, outer, inner, unroll);
  std::vector<VarOrRVar> order(unrolled.begin(), unrolled.end());
  order.insert(order.end(), {inner, outer});
  sum.update().reorder(order).unroll(inner);
  for (Var v : unrolled) {
    sum.unroll(v);
    sum.update().unroll(v);
  }
}

void GpuBlock::shareRowSum(RowSumStages &sum, LoopLevel at, int rows) const {
  Var lane = sum.partial.args()[0], row = sum.partial.args()[1];
  share(sum.partial, at, {sum.lanes, rows});
  onThreads(sum.partial, lane, row);
  onThreads(sum.partial.update(), lane, row, {sum.step});
  share(sum.sum, at, {rows});
  onAllThreads(sum.sum, row);
}

} // namespace heed
