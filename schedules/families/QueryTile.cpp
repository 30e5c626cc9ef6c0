#include "schedules/families/QueryTile.h"

#include "schedules/families/Operand.h"

using namespace Halide;

namespace heed {

Func ofOneTile(Func f, const TileShape &shape) {
  if (shape.queryTile == shape.finishedQueries)
    return f;
  for (const Var &var : f.args())
    if (var.name() == "tile" || var.name() == "tileC")
      f.bound_extent(var, 1);
  return f;
}

TaskLoops scheduleTasks(Func output, Var query, TurnedRows &rows, int strip,
                        const TileShape &shape) {
  std::vector<Var> dims = output.args();
  Var column = dims[0], head = dims[1].same_as(query) ? dims[2] : dims[1], batch = dims[3];
  Var task("task"), finished("finished"), row("row"), strips("strips"), ci("ci");
  // PredicateStores keeps the loops' extents, so every producer's size is a constant.
  output.split(query, finished, row, shape.finishedQueries, TailStrategy::PredicateStores)
      .split(finished, task, finished, shape.queryTile / shape.finishedQueries,
             TailStrategy::GuardWithIf)
      .split(column, column, ci, shape.turn, TailStrategy::GuardWithIf)
      .split(column, strips, column, strip / shape.turn, TailStrategy::PredicateStores)
      .reorder({ci, column, row, strips, finished, task, head, batch})
      .vectorize(ci)
      .fuse(task, head, task)
      .fuse(task, batch, task)
      .parallel(task);
  if (strip <= 8 * shape.turn)
    output.unroll(column);
  Func turned = rows.turned;
  Var di = turned.args()[0], q = turned.args()[1], db = turned.args()[2];
  ofOneTile(turned, shape)
      .compute_at(output, strips)
      .reorder_storage(di, q, db)
      .bound(di, 0, shape.turn)
      .reorder(di, q, db)
      .unroll(di)
      .vectorize(q, shape.lanes);
  return {task, finished};
}

// Lanes are places on the box's last axis. Where the lines are the same for all blocks (rows of a
// tensor of pairs), they are read for several blocks at a time, as long as memory likes them.
static void scheduleStatus(QueryTileStages &queries, LoopLevel task, int lanes) {
  if (queries.boxes.empty())
    return; // asked while blocks are listed
  constexpr int blocksAtATime = 16;
  Func status = queries.status;
  Var block = status.args()[0], some("some");
  status.compute_at(task).split(block, some, block, blocksAtATime, TailStrategy::GuardWithIf);
  for (BoxExtremes &box : queries.boxes) {
    box.ends.compute_at(status, block);
    if (!box.lines.defined())
      continue;
    Var x = box.lines.args()[0];
    box.lines.compute_at(status, box.linesAreOf(block) ? block : some)
        .vectorize(x, lanes, TailStrategy::GuardWithIf)
        .update()
        .vectorize(x, lanes, TailStrategy::GuardWithIf);
  }
}

static void scheduleQuotients(WeightedQuotients &quotients, LoopLevel task,
                              const TileShape &shape) {
  quotients.ofStep.compute_at(task);
  quotients.ofColumn.compute_at(task);
  Var q = quotients.query.args()[0];
  ofOneTile(quotients.query, shape)
      .compute_at(task)
      .bound_extent(q, shape.queryTile)
      .vectorize(q, shape.lanes);
  ofOneTile(quotients.most, shape).compute_at(task);
  quotients.most.update().atomic().vectorize(quotients.queries, shape.lanes);
}

// Loads along d, and stores along the queries of as many rows as are turned at a time. Where those
// are whole vectors the products read them as they are.
void scheduleQueries(QueryTileStages &queries, LoopLevel task, const TileShape &shape) {
  const int lanes = shape.lanes;
  Func g = queries.gathered, p = queries.packed;
  Var qi = g.args()[0], d = g.args()[1], qb = g.args()[2];
  ofOneTile(g, shape)
      .compute_at(task)
      .reorder_storage(qi, d, qb)
      .bound(qi, 0, shape.turn)
      .bound_extent(qb, shape.queryTile / shape.turn);
  const bool leavesOut = g.has_update_definition();
  (leavesOut ? g.update() : Stage(g))
      .reorder(qi, d, leavesOut ? VarOrRVar(queries.strip) : VarOrRVar(qb))
      .unroll(qi)
      .vectorize(d, shape.lanes, TailStrategy::GuardWithIf);
  Var q = p.args()[0], pd = p.args()[1], inner("inner");
  if (shape.turn % lanes != 0)
    ofOneTile(p, shape)
        .compute_at(task)
        .bound_extent(q, shape.queryTile)
        .align_storage(q, lanes)
        .split(q, q, inner, shape.turn)
        .reorder(inner, pd, q)
        .vectorize(inner)
        .unroll(pd, 4, TailStrategy::GuardWithIf);
  ofOneTile(queries.hull, shape).compute_at(task);
  if (queries.bases.defined())
    queries.bases.compute_at(task);
  if (queries.quotients.defined())
    scheduleQuotients(queries.quotients, task, shape);
  for (SegmentTable &table : queries.segments) {
    Var position = table.ends.args()[0];
    ofOneTile(table.ends, shape).compute_at(task).vectorize(position, lanes);
    table.count.compute_at(table.ends, position).vectorize(position, lanes);
    table.count.update().vectorize(position, lanes);
  }
  if (queries.status.defined())
    scheduleStatus(queries, task, lanes * 4);
  for (BlockList &list : queries.lists) {
    list.blocks.compute_at(task);
    list.blocks.update(0).unscheduled();
    list.blocks.update(1).unroll(list.part);
  }
  if (queries.rows.rows.defined())
    ofOneTile(queries.rows.rows, shape);
  schedulePackedRows(queries.rows, leavesOut ? LoopLevel(g, queries.strip) : task, lanes);
}

void scheduleBounds(QuotientBounds &bounds, LoopLevel loop, int blocks, int lanes) {
  Func most = bounds.most;
  Var column = most.args()[0], block = most.args()[1], vector("vector");
  most.compute_at(loop).vectorize(column, lanes, TailStrategy::RoundUp);
  most.update()
      .split(column, column, vector, lanes, TailStrategy::GuardWithIf)
      .reorder(vector, bounds.keys, column)
      .vectorize(vector);
  bounds.areKept.compute_at(loop);
  if (blocks > 1) {
    most.bound_extent(block, blocks);
    bounds.areKept.bound_extent(bounds.areKept.args()[0], blocks);
  }
}

void scheduleDot(KeyBlocks &blocks, LoopLevel loop, int vectors, int keys, int reduceUnroll,
                 int lanes) {
  Var q = blocks.dot.args()[0], key = blocks.dot.args()[1], qv("qv"), qi("qi");
  RVar ro("ro"), ri("ri");
  // Sixteen columns of a quotient at once are more than registers hold: 4% more time. A loop that
  // ends where it is known only while it runs is one of single steps (CountedLoops.h).
  const int steps = blocks.bounds.defined()
                        ? 1
                        : std::max(1, reduceUnroll / blocks.columnsAtATime / blocks.chains);
  blocks.dot.compute_at(loop)
      .bound_extent(q, lanes * vectors)
      .bound_extent(key, keys)
      .vectorize(q, lanes);
  auto cutUpdate = [&](int index, const RVar &depth) {
    return blocks.dot.update(index)
        .split(depth, ro, ri, steps, TailStrategy::GuardWithIf)
        .split(q, qv, qi, lanes)
        .vectorize(qi)
        .unroll(ri);
  };
  Stage update = cutUpdate(0, blocks.depth);
  if (blocks.sharesDivisions) {
    // Forty operations to a sum: what registers are for is the columns of a vector of queries.
    update.reorder(qi, key, ri, qv, ro);
    if (blocks.bounds.defined())
      cutUpdate(1, blocks.bounds.depth).reorder(qi, key, ri, qv, ro);
    return;
  }
  blocks.dot.unroll(q).unroll(key);
  if (blocks.chains == 1) {
    update.reorder(qi, qv, key, ri, ro).unroll(qv).unroll(key);
    return;
  }
  Var chain = blocks.dot.args()[2];
  blocks.dot.bound_extent(chain, blocks.chains).unroll(chain);
  update.reorder(qi, qv, key, blocks.chain, ri, ro).unroll(qv).unroll(key).unroll(blocks.chain);
}

} // namespace heed
