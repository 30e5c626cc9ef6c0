// A normalizer's regions as Halide expressions (AttnOps.td: attn.normalizer,
// attn.threshold_normalizer), free of MLIR.
#pragma once

#include "Halide.h"

#include <functional>
#include <variant>
#include <vector>

namespace heed {

/// The largest of no scores; what is below it does not count (attn::noScore).
inline constexpr double noScore = -1e30;

/// Where a row of scores stands. Head is the query's head.
struct RowPosition {
  Halide::Expr batch, head, query;
};

using Exprs = std::vector<Halide::Expr>;

/// Keys can be taken block by block: `states` values sum up those of a block.
struct OnlineNormalizer {
  int states = 0;
  bool hasLogSumExp = false;
  /// Gives the largest of a value, or its sum, over the block's keys that count.
  using Reduction = std::function<Halide::Expr(Halide::Expr value)>;
  std::function<Exprs()> identity;
  std::function<Exprs(Halide::Expr score, const RowPosition &, const Reduction &max,
                      const Reduction &sum)>
      summarize;
  std::function<Halide::Expr(Halide::Expr score, const Exprs &state, const RowPosition &)> weight;
  /// The merged state, then the factors of the first's weights and of the second's.
  std::function<Exprs(const Exprs &first, const Exprs &second)> merge;
  /// The factor that makes weights final, then, if it has one, the log-sum-exp.
  std::function<Exprs(const Exprs &state, const RowPosition &)> finalize;
};

/// The whole row is needed: weights sum to 1 at a threshold between two. Scores are relative to the
/// row's largest.
struct ThresholdNormalizer {
  /// Thresholds at which the weights sum to at least and to at most 1.
  std::function<Exprs()> bracket;
  std::function<Halide::Expr(Halide::Expr score, Halide::Expr threshold, const RowPosition &)>
      weight;
};

using NormalizerProgram = std::variant<OnlineNormalizer, ThresholdNormalizer>;

} // namespace heed
