// The online form for GPUs: as compiler/graph/Online.h, but a block of threads shares a tile of
// queries. Keys, values, scores and weights of one block of keys lie in shared memory, and so does
// the state, a Tuple for each group of output columns. Every thread reduces the rows it has, once
// for the weights and once for the state, and merges their few state values by itself, so that none
// waits for another. Where keys are split, blocks of threads have a part of them, and what they
// give is merged.
#pragma once

#include "compiler/graph/QueryTile.h"
#include "schedules/plan/Plan.h"

namespace heed {

struct GpuWalk : KeyBlocks {
  Halide::Func score;                   ///< (q, key, ...) final, in the normalizer's unit
  std::vector<BlockReduction> ofWeight; ///< what a weight needs; one may read those before it
  Halide::Func weight;                  ///< (q, key, ...)
  std::vector<BlockReduction> ofState;  ///< what the block's state needs
  Halide::Func product;                 ///< (column, q, ...) weights times values
  Halide::RVar keys;                    ///< of its reduction
  Halide::RVar block;                   ///< of the state's update
};

struct GpuStages {
  QueryTileStages queries;
  Halide::Func state;  ///< (group, q, tile, head, batch, tileC, headC, batchC) Tuple: the
                       ///< normalizer's state values, then the group's unfinished output columns
  Halide::Func bounds; ///< (end, tile, head, batch) where walks begin and end; undefined where
                       ///< sizes say it, or few queries ask
  int groups = 0;
  int dim = 0;                ///< of queries and keys
  Halide::Func factor;        ///< (q, tile, head, batch); undefined where the state is the output
  Halide::Func logSumExp;     ///< (q, tile, head, batch); undefined unless wanted
  Halide::Func parts;         ///< (slot, q, tile, head, batch) columns, then state values, of tiles
                              ///< of parts; undefined where keys are not split, and then all else
                              ///< that is made of the state is, too
  Halide::Func merged;        ///< (column, head, query, batch) Tuple: state values, then the column
  Halide::RVar part;          ///< of its update
  Halide::Func output;        ///< as OnlineStages'
  std::vector<GpuWalk> walks; ///< in the order of the state's updates
};

/// The stages of one attention kernel with an online normalizer. `plan` has been checked.
GpuStages buildGpu(const PairProgram &program, const GpuPlan &plan, bool wantLogSumExp);

} // namespace heed
