// What all schedules for GPUs share: a block of threads, what lies in its shared memory, what a
// thread keeps in registers.
#pragma once

#include "compiler/graph/Rowwise.h"
#include "schedules/plan/GpuMemory.h"

#include "Halide.h"

#include <vector>

namespace heed {

/// A block of xThreads by yThreads threads.
class GpuBlock {
public:
  GpuBlock(int xThreads, int yThreads) : xThreads(xThreads), yThreads(yThreads) {}

  /// In shared memory, `extents` of the first dimensions and 1 of all others: what is known while
  /// compiling, or the host would have to find sizes out from tensors that lie on the device.
  static void share(Halide::Func f, Halide::LoopLevel at, std::vector<int> extents);
  static void boundStorage(Halide::Func f, std::vector<int> extents);

  /// Argument `alongX` of `stage` goes over threads in x, and `alongY` in y. In each thread run
  /// `inner`, innermost first; around all threads, `outer`.
  void onThreads(Halide::Stage stage, Halide::Var alongX, Halide::Var alongY,
                 std::vector<Halide::VarOrRVar> inner = {},
                 std::vector<Halide::VarOrRVar> outer = {}) const;
  void onThreads(Halide::Func f, int alongX, int alongY) const;
  /// A number for each row: over all threads, as far as there are rows.
  void onAllThreads(Halide::Stage stage, Halide::Var row,
                    std::vector<Halide::VarOrRVar> inner = {}) const;

  /// A thread, `alone`, for each point; along the first of `points` they are side by side in
  /// blocks.
  void onGrid(Halide::Stage stage, std::vector<Halide::Var> points) const;

  /// `v` goes over `threads`, of which each has `registers` side by side at a time: inner.
  static void deal(Halide::Stage stage, Halide::Var v, Halide::Var thread, int threads,
                   Halide::Var inner, int registers);

  /// A sum over `steps`, of a tile whose numbers all are in registers: `tile` of them in each
  /// dimension, of which those along `unrolled` are several. Steps are unrolled by `unroll`, which
  /// divides them.
  static void sumInRegisters(Halide::Func sum, std::vector<Halide::Var> unrolled,
                             Halide::RVar steps, std::vector<int> tile, int unroll);

  /// Sums of up to `rows` rows, in shared memory.
  void shareRowSum(RowSumStages &sum, Halide::LoopLevel at, int rows) const;

  const int xThreads, yThreads;
  Halide::Var x{"x"}, y{"y"}, alone{"alone"};
};

} // namespace heed
