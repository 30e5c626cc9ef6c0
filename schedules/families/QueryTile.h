// What all forms of attention schedule in the same way: a task is a tile of queries of one head and
// batch entry; lanes are queries, and columns or keys only where a result is stored.
#pragma once

#include "compiler/graph/QueryTile.h"

namespace heed {

/// The loops of a result that is stored by columns, four at a time, from turned rows.
struct TaskLoops {
  Halide::Var task, strip; ///< of tiles; of a task's columns
};

/// `output` is (column, head, query, batch) or (column, query, head, batch). A strip of `columns`
/// is turned at a time.
TaskLoops scheduleTasks(Halide::Func output, Halide::Var query, TurnedRows &rows, int queryTile,
                        int columns, int lanes);

/// Computes packed queries and hull in each `task`.
void scheduleQueries(QueryTileStages &queries, Halide::LoopLevel task, int queryTile, int lanes);

/// Computes a register tile of products of queries and keys at `loop`: `vectors`
/// vectors of queries times `keyUnroll` keys, in registers over the whole reduction.
void scheduleDot(KeyBlocks &blocks, Halide::LoopLevel loop, int vectors, int keyUnroll,
                 int reduceUnroll, int lanes);

} // namespace heed
