#include "tests/property/Normalizer.h"

namespace heed::property {
namespace {

// softmax of 1.5 x, in units of e, without a log-sum-exp.
constexpr const char *ownSoftmax = R"(attn.normalizer @own identity {
  %largest = arith.constant -1.0e30 : $T
  %sum = arith.constant 0.0 : $T
  attn.yield %largest, %sum : $T, $T
} summarize {
^bb0(%x: $T, %batch: index, %head: index, %query: index):
  %largest = attn.block_max %x : $T
  %below = arith.subf %x, %largest : $T
  %weight = math.exp %below : $T
  %sum = attn.block_sum %weight : $T
  attn.yield %largest, %sum : $T, $T
} weight {
^bb0(%x: $T, %largest: $T, %sum: $T, %batch: index, %head: index, %query: index):
  %below = arith.subf %x, %largest : $T
  %weight = math.exp %below : $T
  attn.yield %weight : $T
} merge {
^bb0(%a: $T, %sum_a: $T, %b: $T, %sum_b: $T):
  %largest = arith.maximumf %a, %b : $T
  %below_a = arith.subf %a, %largest : $T
  %below_b = arith.subf %b, %largest : $T
  %factor_a = math.exp %below_a : $T
  %factor_b = math.exp %below_b : $T
  %part_a = arith.mulf %sum_a, %factor_a : $T
  %part_b = arith.mulf %sum_b, %factor_b : $T
  %sum = arith.addf %part_a, %part_b : $T
  attn.yield %largest, %sum, %factor_a, %factor_b : $T, $T, $T, $T
} finalize {
^bb0(%largest: $T, %sum: $T, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : $T
  %factor = arith.divf %one, %sum : $T
  attn.yield %factor : $T
} {unit = 1.5 : f64}
)";

// The mean of the values, whatever the scores.
constexpr const char *mean = R"(attn.normalizer @own identity {
  %zero = arith.constant 0.0 : $T
  attn.yield %zero : $T
} summarize {
^bb0(%x: $T, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : $T
  %count = attn.block_sum %one : $T
  attn.yield %count : $T
} weight {
^bb0(%x: $T, %count: $T, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : $T
  attn.yield %one : $T
} merge {
^bb0(%a: $T, %b: $T):
  %one = arith.constant 1.0 : $T
  %sum = arith.addf %a, %b : $T
  attn.yield %sum, %one, %one : $T, $T, $T
} finalize {
^bb0(%count: $T, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : $T
  %factor = arith.divf %one, %count : $T
  attn.yield %factor : $T
}
)";

// sparsemax of twice the scores.
constexpr const char *ownSparsemax = R"(attn.threshold_normalizer @own bracket {
  %low = arith.constant -1.0 : $T
  %high = arith.constant 0.0 : $T
  attn.yield %low, %high : $T, $T
} weight {
^bb0(%x: $T, %threshold: $T, %batch: index, %head: index, %query: index):
  %zero = arith.constant 0.0 : $T
  %above = arith.subf %x, %threshold : $T
  %weight = arith.maximumf %above, %zero : $T
  attn.yield %weight : $T
} {unit = 2.0 : f64}
)";

struct Kind {
  const char *name;
  bool hasCapture, hasLogSumExp, isOnline;
  int states;
  Follows follows;
  bool isMean;
  double slope = 1;
  const char *op = "";
  const char *called = "";
};
const std::vector<Kind> kinds = {
    {"softmax", false, true, true, 2, Follows::Exponential, true},
    {"softmax_sinks", true, true, true, 2, Follows::Exponential, true},
    {"softmax_plus_one", false, true, true, 2, Follows::Exponential, true},
    {"sigmoid", true, false, true, 0, Follows::Exponential, false},
    {"relu_squared", false, false, true, 0, Follows::Square, false},
    {"none", false, false, true, 0, Follows::Line, false},
    {"sparsemax", false, false, false, 0, Follows::Threshold, true},
    {"entmax15", false, false, false, 0, Follows::SquareOfThreshold, true},
    {"@own", false, false, true, 2, Follows::Exponential, true, 1.5, ownSoftmax, "own softmax"},
    {"@own", false, false, true, 1, Follows::Nothing, true, 1, mean, "own mean"},
    {"@own", false, false, false, 0, Follows::Threshold, true, 2, ownSparsemax, "own threshold"},
};

} // namespace

Normalizer randomNormalizer(Random &random, const std::string &prefix) {
  Kind kind = random.oneIn(3) ? kinds.front() : random.pick(kinds);
  Normalizer normalizer{kind.name,   {},           kind.hasLogSumExp, kind.isOnline,
                        kind.states, kind.follows, kind.isMean,       kind.slope};
  normalizer.component.kind = *kind.called ? kind.called : kind.name;
  normalizer.component.body = kind.op;
  if (kind.hasCapture)
    normalizer.component.captures = {{prefix, ElementType::F32, {{Over::Head}}, 1}};
  return normalizer;
}

} // namespace heed::property
