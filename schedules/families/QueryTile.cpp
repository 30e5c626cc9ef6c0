#include "schedules/families/QueryTile.h"

#include "schedules/families/Operand.h"

using namespace Halide;

namespace heed {

Var scheduleTasks(Func output, Var query, TurnedRows &rows, int queryTile, int strip, int lanes) {
  std::vector<Var> dims = output.args();
  Var column = dims[0], head = dims[1].same_as(query) ? dims[2] : dims[1], batch = dims[3];
  Var tile("tile"), inTile("inTile"), strips("strips"), c4("c4"), task("task");
  // PredicateStores keeps the loops' extents, so every producer's size is a constant.
  output.split(query, tile, inTile, queryTile, TailStrategy::PredicateStores)
      .split(column, column, c4, 4, TailStrategy::GuardWithIf)
      .split(column, strips, column, strip / 4, TailStrategy::PredicateStores)
      .reorder({c4, column, inTile, strips, tile, head, batch})
      .vectorize(c4)
      .fuse(tile, head, task)
      .fuse(task, batch, task)
      .parallel(task);
  Func turned = rows.turned;
  Var d4 = turned.args()[0], q = turned.args()[1], db = turned.args()[2];
  turned.compute_at(output, strips)
      .reorder_storage(d4, q, db)
      .bound(d4, 0, 4)
      .reorder(d4, q, db)
      .unroll(d4)
      .vectorize(q, lanes);
  return task;
}

// Transposing four rows at a time: loads along d, 128-bit stores along the queries; gathers cost
// 5% of all time.
void scheduleQueries(QueryTileStages &queries, LoopLevel task, int queryTile, int lanes) {
  Func g = queries.gathered, p = queries.packed;
  Var q4 = g.args()[0], d = g.args()[1], qb = g.args()[2];
  g.compute_at(task)
      .reorder_storage(q4, d, qb)
      .reorder(q4, d, qb)
      .bound(q4, 0, 4)
      .unroll(q4)
      .vectorize(d, lanes, TailStrategy::GuardWithIf);
  Var q = p.args()[0], pd = p.args()[1], inner("inner");
  p.compute_at(task)
      .bound_extent(q, queryTile)
      .align_storage(q, lanes)
      .split(q, q, inner, 4)
      .reorder(inner, pd, q)
      .vectorize(inner);
  queries.hull.compute_at(task);
  if (queries.pairBase.defined())
    queries.pairBase.compute_at(task);
  for (SegmentTable &table : queries.segments) {
    Var position = table.ends.args()[0];
    table.ends.compute_at(task).vectorize(position, lanes);
    table.count.compute_at(table.ends, position).vectorize(position, lanes);
    table.count.update().vectorize(position, lanes);
  }
  schedulePackedRows(queries.rows, task, lanes);
}

void scheduleDot(KeyBlocks &blocks, LoopLevel loop, int vectors, int keyUnroll, int reduceUnroll,
                 int lanes) {
  Var q = blocks.dot.args()[0], key = blocks.dot.args()[1], qv("qv"), qi("qi");
  RVar ro("ro"), ri("ri");
  blocks.dot.compute_at(loop)
      .bound_extent(q, lanes * vectors)
      .bound_extent(key, keyUnroll)
      .vectorize(q, lanes)
      .unroll(q)
      .unroll(key);
  blocks.dot.update()
      .split(blocks.depth, ro, ri, reduceUnroll, TailStrategy::GuardWithIf)
      .split(q, qv, qi, lanes)
      .reorder(qi, qv, key, ri, ro)
      .vectorize(qi)
      .unroll(qv)
      .unroll(key)
      .unroll(ri);
}

} // namespace heed
