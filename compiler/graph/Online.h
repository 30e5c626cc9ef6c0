// Online attention: a tile of queries walks over blocks of keys and merges each block into a
// running state. (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et
// al., "FlashAttention", 2022.)
//
// Lanes are queries, so row maxima and sums need no horizontal reduction. A running state that the
// weights read would be a cycle between Funcs; so each block has a summary of its own, and the
// state merges blocks. With every tile at 1 this is the textbook formula.
#pragma once

#include "compiler/graph/QueryTile.h"
#include "schedules/plan/Plan.h"

#include <string>
#include <vector>

namespace heed {

/// One walk over a range of key blocks. Dimensions: q is the query in its tile, tile the query
/// tile.
struct BlockWalk : KeyBlocks {
  int queries; ///< of a tile that walk together: a part skips blocks that only others look at
  int groups;  ///< of keys that a step computes the scores of
  int productChains = 1; ///< as `chains`, of its sums over keys
  int packedBlocks = 1;  ///< whose rows are packed at a time
  Halide::Func cut; ///< (part, block, tile, head, batch) which of a block's grains are computed:
                    ///< the first, and the end; undefined where all are
  // Scores, weights and sums go through groups of keyUnroll keys, by updates.
  Halide::Func score; ///< (q, keyGroup, ...) Tuple: keyUnroll final scores in the normalizer's
                      ///< unit, then their maximum, if a reduction is of that
  Halide::RVar groupInStep, scoreSteps;
  std::vector<BlockReduction> reductions; ///< one may read those before it
  int keysOfWeight = 1; ///< 2: weights are words of two neighbouring keys', as bfloat16
  Halide::Func weight;  ///< (q, key or pair of keys, ...)
  Halide::RVar weightInGroup, weightGroups;
  Halide::Func product;       ///< (q, slot, ...), with chains (q, slot, chain, ...): weights times
                              ///< values
  Halide::RVar inStep, steps; ///< of its reduction: reduceUnroll keys a step
  Halide::RVar slot, block;   ///< of the state's update
  // Undefined where a tile is one part:
  Halide::RVar pack;  ///< of the update, around the parts: so many packed blocks
  Halide::Func parts; ///< (part, tile, head, batch) the blocks that a part walks over: begin, end
};

/// The graph, outermost last. The state's slots: factor of the state, factor of the block, the
/// normalizer's state values, then (from slot `firstColumn` on) the unfinished output columns.
struct OnlineStages {
  QueryTileStages queries;
  Halide::Func state;     ///< (q, slot, tile, head, batch, tileC, headC, batchC)
  Halide::Func factor;    ///< (q, part, head, batch); undefined where the state is the output
  TurnedRows finished;    ///< columns of the output
  Halide::Func logSumExp; ///< (q, part, head, batch); undefined unless wanted
  Halide::Func output; ///< (d, head, query, batch); with the log-sum-exp a Tuple, constant along d
  std::vector<BlockWalk> walks; ///< in the order of the state's updates
  int queryTile;                ///< queries of a task
  int finishedQueries;          ///< of a part of it that is finished at a time
  int firstColumn;              ///< slot of output column 0
  int columns;                  ///< of the output
  int slots;
};

/// The stages of one attention kernel with an online normalizer. `plan` has been checked; vectors
/// hold `lanes` queries. Where tiles are counted from the last query, row r of the output is that
/// of query `queries - 1 - r`.
OnlineStages buildOnline(const PairProgram &program, const OnlinePlan &plan, int lanes,
                         bool wantLogSumExp, TileOrder order = {});

} // namespace heed
