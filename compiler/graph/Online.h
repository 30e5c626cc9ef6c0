// Online attention: a tile of queries walks over blocks of keys and merges each block into a
// running state. (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et
// al., "FlashAttention", 2022.)
//
// Lanes are queries, so row maxima and sums need no horizontal reduction. A running maximum that
// the weights read would be a cycle between Funcs; so each block has its own maximum, and the state
// merges blocks. With every tile at 1 this is the textbook formula.
#pragma once

#include "compiler/graph/PairProgram.h"
#include "schedules/plan/Plan.h"

#include <string>
#include <vector>

namespace heed {

/// One walk over a range of equally treated key blocks. Dimensions: q is the query in its tile,
/// tile the query tile; a block's keys are block * keyTile + [0, keyTile).
struct BlockWalk {
  std::string name;
  int keyTile;
  bool masked;
  Halide::Func dot; ///< (q, key, block, tile, head, batch) products of the packed query and the key
  Halide::RVar depth; ///< of its reduction
  Halide::Func score; ///< (q, keyGroup, ...) Tuple: keyUnroll final scores in units of log2, and
                      ///< their maximum
  Halide::Func partialMax; ///< (q, u, ...)
  Halide::RVar maxGroups;
  Halide::Func blockMax;   ///< (q, ...)
  Halide::Func weight;     ///< (q, key, ...) exp2(score - blockMax)
  Halide::Func partialSum; ///< (q, u, ...)
  Halide::RVar sumKeys;
  Halide::Func blockSum;    ///< (q, ...)
  Halide::Func product;     ///< (q, slot, ...) weights times values
  Halide::RVar keys;        ///< of its reduction
  Halide::RVar slot, block; ///< of the state's update
};

/// The graph, outermost last. The state's slots: rescale factor of the state, of the block,
/// maximum, sum, then (from slot `firstColumn` on) the unnormalized output columns.
struct OnlineStages {
  Halide::Func gatheredQuery; ///< (q % 4, d, q / 4, tile, head, batch) scaled
  Halide::Func packedQuery;   ///< (q, d, tile, head, batch)
  Halide::Func hull;          ///< (tile, head, batch) first key that may count, and the end
  Halide::Func state;         ///< (q, slot, tile, head, batch, tileC, headC, batchC)
  Halide::Func inverseSum;    ///< (q, tile, head, batch); 0 for a row without keys
  Halide::Func normalized;    ///< (q, d, tile, head, batch); inlined
  Halide::Func transposed;    ///< (d % 4, q, d / 4, tile, head, batch)
  Halide::Func logSumExp;     ///< (q, tile, head, batch); undefined unless wanted
  Halide::Func output; ///< (d, head, query, batch); with the log-sum-exp a Tuple, constant along d
  std::vector<BlockWalk> walks; ///< in the order of the state's updates
  int firstColumn;              ///< slot of output column 0
  int slots;
};

/// The stages of one attention kernel. `plan` has been checked.
OnlineStages buildOnline(const PairProgram &program, const OnlinePlan &plan, bool wantLogSumExp);

} // namespace heed
