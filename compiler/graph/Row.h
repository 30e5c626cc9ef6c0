// The row form: the scores of a tile of queries with all keys that may count lie in one buffer, and
// everything else is read off it. For what the online form never has: normalizers that need the
// whole row, and results with a key axis.
//
// Each result is a pipeline of its own, which computes what it needs and nothing else: scores need
// no normalizer, weights no values. With every tile at 1 this is the textbook formula.
#pragma once

#include "compiler/graph/QueryTile.h"
#include "schedules/plan/Plan.h"

#include <vector>

namespace heed {

/// A reduction over the row that the normalizer needs.
struct RowReduction {
  BlockReduction block;
  Halide::Func total; ///< (q, tile, head, batch, tileC, headC, batchC)
  Halide::RVar blocks;
};

/// What a kernel of this form may give.
enum class RowResult {
  Output,  ///< with the log-sum-exp, if that is wanted
  Scores,  ///< of the program, natural units; -inf where a pair does not count
  Weights, ///< 0 where a pair does not count
  KeySums  ///< of the weights over all queries
};

/// The graph of one result. What it does not need is undefined. tileC, headC and batchC are the
/// tile's position a second time.
struct RowStages {
  RowResult result;
  QueryTileStages queries;
  KeyBlocks blocks;
  Halide::Func score; ///< (q, key, tile, head, batch, tileC, headC, batchC) final scores; written
                      ///< in the blocks of the hull, or of the list
  Halide::RVar key, block;              ///< of its update
  std::vector<RowReduction> reductions; ///< one may read those before it, and the threshold
  Halide::Func threshold; ///< (q, tile, head, batch, tileC, headC, batchC) Tuple: below, above, and
                          ///< the weights summed up so far at the middle of the two
  Halide::RVar thresholdKey, thresholdBlock, thresholdStep; ///< of its update
  Halide::Func factor;                                      ///< (q, tile, head, batch)
  Halide::Func weight;      ///< (q, key, block, tile, head, batch) not yet final
  Halide::Func product;     ///< (q, column, block, tile, head, batch)
  Halide::RVar productKeys; ///< of its reduction
  Halide::Func sum;         ///< (q, column, tile, head, batch, tileC, headC, batchC)
  Halide::RVar sumBlocks;   ///< of its update
  Halide::Func logSumExp;   ///< (q, tile, head, batch)
  TurnedRows rows;          ///< columns of the output, or keys
  Halide::Func laneSums;    ///< (q, key, head, batch, headC, batchC)
  Halide::RVar laneKey, laneBlock, laneTile; ///< of its update
  Halide::RVar lane;                         ///< of the output, where it sums lanes
  Halide::Func output; ///< (d, head, query, batch), (key, query, head, batch) or (key, head, batch)
  int columns;         ///< of the output
};

/// `plan` has been checked. Scores are those of `program` as far as it goes: it may lack modifies
/// and masks that the kernel has.
RowStages buildRow(const PairProgram &program, const RowPlan &plan, RowResult result,
                   bool wantLogSumExp = false);

} // namespace heed
