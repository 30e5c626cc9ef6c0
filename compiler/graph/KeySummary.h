// What an online normalizer makes of some keys, read from its regions once: the reductions over
// them that it needs, the state these give, and a key's weight.
#pragma once

#include "compiler/graph/NormalizerProgram.h"

#include <vector>

namespace heed {

/// Everything is in terms of variables: a key's score, and the totals of the reductions.
struct KeySummary {
  struct Reduction {
    bool isMax;         ///< or a sum
    Halide::Expr value; ///< of one key
  };
  std::vector<Reduction> reductions; ///< one may read the totals of those before it
  Exprs state;                       ///< reads totals
  Halide::Expr weight;               ///< of a key

  bool isScoreMaximum(const Reduction &reduction) const;
  bool isWeightSum(const Reduction &reduction) const;

private:
  friend KeySummary summaryOf(const OnlineNormalizer &, Halide::Type, const RowPosition &);
  Halide::Expr score;
};

/// Of keys whose scores are of `type`, of one row.
KeySummary summaryOf(const OnlineNormalizer &normalizer, Halide::Type type, const RowPosition &row);

/// `value` with the first totals there are.
Halide::Expr withTotals(Halide::Expr value, const Exprs &totals);

bool readsScore(const Halide::Expr &value);
/// `value` for a key of this score.
Halide::Expr withScore(Halide::Expr value, const Halide::Expr &score);

} // namespace heed
