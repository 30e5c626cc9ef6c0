#include "schedules/families/Operand.h"

#include "schedules/families/Rowwise.h"

using namespace Halide;

namespace heed {

// Columns past the last may not be loaded; the last vector may be computed twice in part. Where a
// row is a few vectors each has code of its own: a place that depends on which half of the row a
// column lies in (rotary positions) is then a line of memory, and no gather.
static void vectorizeColumns(Func rows, int columns, int lanes) {
  constexpr int fewVectors = 8;
  Var column = rows.args()[0];
  if (columns % lanes == 0 && columns <= fewVectors * lanes)
    rows.bound(column, 0, columns).vectorize(column, lanes).unroll(column);
  else
    rows.vectorize(column, lanes,
                   columns < lanes ? TailStrategy::GuardWithIf : TailStrategy::ShiftInwards);
}

static void scheduleMadeRows(Func rows, std::vector<RowwiseStages> &made, int lanes) {
  Var row = rows.args()[1];
  for (size_t i = 0; i < made.size(); i++) {
    for (RowSumStages &sum : made[i].sums)
      scheduleRowSum(sum, rows, row, lanes);
    if (i + 1 < made.size()) {
      made[i].output.compute_at(rows, row);
      vectorizeColumns(made[i].output, made[i].columns, lanes);
    }
  }
}

static void scheduleProjection(ProjectionStages &stages, int lanes) {
  constexpr int rows = 4;
  // Weights past the last column may not be loaded, so register tiles are whole or guarded.
  const bool isWhole = stages.columns % lanes == 0;
  int vectors = 1;
  for (int v : {2, 3, 4})
    if (stages.columns % (lanes * v) == 0)
      vectors = v;
  Func output = stages.output, sum = stages.sum;
  Var column = output.args()[0], head = output.args()[1], position = output.args()[2],
      batch = output.args()[3];
  Var task("task"), c("c"), p("p"), vector("vector");
  output.compute_root()
      .reorder_storage(column, position, head, batch)
      .split(position, position, p, rows, TailStrategy::GuardWithIf)
      .split(column, column, c, lanes * vectors, TailStrategy::GuardWithIf)
      .reorder({c, p, column, position, head, batch})
      .vectorize(c, lanes)
      .fuse(position, head, task)
      .fuse(task, batch, task)
      .parallel(task);
  Var sc = sum.args()[0], sp = sum.args()[2];
  sum.compute_at(output, column).bound_extent(sp, rows).unroll(sp);
  if (isWhole)
    sum.bound_extent(sc, lanes * vectors);
  sum.vectorize(sc, lanes, TailStrategy::GuardWithIf);
  sum.update()
      .split(sc, vector, sc, lanes, TailStrategy::GuardWithIf)
      .reorder(sc, vector, sp, stages.depth)
      .vectorize(sc)
      .unroll(sp);
  if (isWhole)
    sum.unroll(sc).update().unroll(vector);
  if (!stages.made.empty()) {
    stages.input.compute_at(output, task);
    scheduleMadeRows(stages.input, stages.made, lanes);
  }
}

static void scheduleMadeAhead(PackedRows &packed, int lanes) {
  constexpr int rowsPerTask = 16;
  Func rows = packed.rows;
  Var position = rows.args()[1], head = rows.args()[2], batch = rows.args()[3], task("task");
  rows.compute_root()
      .split(position, task, position, rowsPerTask, TailStrategy::GuardWithIf)
      .fuse(task, head, task)
      .fuse(task, batch, task)
      .parallel(task);
  vectorizeColumns(rows, packed.columns, lanes);
  scheduleMadeRows(rows, packed.made, lanes);
}

void scheduleAhead(RowsAhead &ahead, int lanes) {
  for (ProjectionStages &projection : ahead.projections)
    scheduleProjection(projection, lanes);
  for (PackedRows &made : ahead.made)
    scheduleMadeAhead(made, lanes);
}

void schedulePackedRows(PackedRows &packed, LoopLevel loop, int lanes) {
  if (!packed.rows.defined())
    return;
  packed.rows.compute_at(loop);
  vectorizeColumns(packed.rows, packed.columns, lanes);
  scheduleMadeRows(packed.rows, packed.made, lanes);
}

} // namespace heed
