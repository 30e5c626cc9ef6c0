#include "compiler/graph/KeySummary.h"

using namespace Halide;

namespace heed {

static const char *const scoreName = "score";

static std::string totalName(size_t i) { return "total" + std::to_string(i); }

KeySummary summaryOf(const OnlineNormalizer &normalizer, Type type, const RowPosition &row) {
  KeySummary keys;
  keys.score = Internal::Variable::make(type, scoreName);
  auto reduce = [&](bool isMax) {
    return [&keys, type, isMax](Expr value) {
      Expr total = Internal::Variable::make(type, totalName(keys.reductions.size()));
      keys.reductions.push_back({isMax, value});
      return total;
    };
  };
  keys.state = normalizer.summarize(keys.score, row, reduce(true), reduce(false));
  keys.weight = normalizer.weight(keys.score, keys.state, row);
  return keys;
}

bool KeySummary::isScoreMaximum(const Reduction &reduction) const {
  return reduction.isMax && equal(reduction.value, score);
}

bool KeySummary::isWeightSum(const Reduction &reduction) const {
  return !reduction.isMax && equal(reduction.value, weight);
}

Expr withTotals(Expr value, const Exprs &totals) {
  for (size_t i = 0; i < totals.size(); i++)
    value = Internal::substitute(totalName(i), totals[i], value);
  return value;
}

bool readsScore(const Expr &value) { return expr_uses_var(value, scoreName); }

Expr withScore(Expr value, const Expr &score) {
  return Internal::substitute(scoreName, score, value);
}

} // namespace heed
