// What all forms of attention schedule in the same way: a task is a tile of queries of one head and
// batch entry; lanes are queries, and columns or keys only where a result is stored.
#pragma once

#include "compiler/graph/QueryTile.h"

namespace heed {

/// How a form cuts its tiles.
struct TileShape {
  int queryTile;       ///< queries of a task
  int finishedQueries; ///< of which as many are finished at a time
  int turn;            ///< rows transposed at a time; LLVM fails at a masked load of 3 doubles
  int lanes;
};

/// Loops of the output.
struct TaskLoops {
  Halide::Var task;     ///< a tile of queries
  Halide::Var finished; ///< the queries of it that are finished at a time
};

/// The loops of a result that is stored by columns, `turn` at a time, from turned rows. `output` is
/// (column, head, query, batch) or (column, query, head, batch); `strip` columns, a multiple of
/// `turn`, are turned at a time.
TaskLoops scheduleTasks(Halide::Func output, Halide::Var query, TurnedRows &rows, int strip,
                        const TileShape &shape);

/// Tells Halide that no more than one tile of `f` is needed at a time, which it would not see where
/// the last tile is cut short.
Halide::Func ofOneTile(Halide::Func f, const TileShape &shape);

/// Computes packed queries and hull in each `task`.
void scheduleQueries(QueryTileStages &queries, Halide::LoopLevel task, const TileShape &shape);

/// Asks at `loop` which of `blocks` blocks keep their quotients in bounds.
void scheduleBounds(QuotientBounds &bounds, Halide::LoopLevel loop, int blocks, int lanes);

/// Computes the products of `vectors` vectors of queries and `keys` keys at `loop`: in registers
/// over the whole reduction, but where columns share a division.
void scheduleDot(KeyBlocks &blocks, Halide::LoopLevel loop, int vectors, int keys, int reduceUnroll,
                 int lanes);

} // namespace heed
