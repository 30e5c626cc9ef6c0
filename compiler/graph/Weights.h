// The attention weights from the log-sum-exp: a second pass that recomputes the scores. For looking
// at weights, not for speed: every pair is computed, also those a mask drops.
#pragma once

#include "compiler/graph/PairProgram.h"

namespace heed {

/// Lanes are queries, as in the online form: a tile of queries against a block of keys.
struct WeightsStages {
  static constexpr int queryTile = 16, keyTile = 16;
  Halide::ImageParam logSumExp; ///< (query, head, batch)
  Halide::Func packedQuery;     ///< (q, d, tile, head, batch)
  Halide::Func dot;             ///< (q, key, tile, head, batch)
  Halide::RVar depth;
  Halide::Func weight; ///< (q, key, tile, head, batch)
  Halide::Func output; ///< (key, query, head, batch)
};

WeightsStages buildWeights(const PairProgram &program);

} // namespace heed
