// Softmax and its kin: the state is the largest score and the sum of the powers below it (Milakov
// and Gimelshein, "Online normalizer calculation for softmax", 2018, section 3). Scores are in
// units of log2.
#include "compiler/dialect/normalizers/Texts.h"

namespace heed::normalizers {

static const std::string states = R"(identity {
  %largest = arith.constant -1.0e30 : $T
  %sum = arith.constant 0.0 : $T
  attn.yield %largest, %sum : $T, $T
} summarize {
^bb0(%x: $T, $P):
  %largest = attn.block_max %x : $T
  %below = arith.subf %x, %largest : $T
  %weight = attn.decay %below : $T
  %sum = attn.block_sum %weight : $T
  attn.yield %largest, %sum : $T, $T
} weight {
^bb0(%x: $T, %largest: $T, %sum: $T, $P):
  %below = arith.subf %x, %largest : $T
  %weight = attn.decay %below : $T
  attn.yield %weight : $T
} merge {
^bb0(%a: $T, %sum_a: $T, %b: $T, %sum_b: $T):
  %largest = arith.maximumf %a, %b : $T
  %below_a = arith.subf %a, %largest : $T
  %below_b = arith.subf %b, %largest : $T
  %factor_a = attn.decay %below_a : $T
  %factor_b = attn.decay %below_b : $T
  %part_a = arith.mulf %sum_a, %factor_a : $T
  %part_b = arith.mulf %sum_b, %factor_b : $T
  %sum = arith.addf %part_a, %part_b : $T
  attn.yield %largest, %sum, %factor_a, %factor_b : $T, $T, $T, $T
} finalize {
^bb0(%largest: $T, %sum: $T, $P):
  %zero = arith.constant 0.0 : $T
  %one = arith.constant 1.0 : $T
)";

// %inverse is the factor, %log2_sum the log-sum-exp in units of log2, of a row that has keys.
static const std::string end = R"(
  %empty = arith.cmpf oeq, %sum, %zero : $T
  %factor = arith.select %empty, %zero, %inverse : $T
  %ln2 = arith.constant 0.69314718055994530942 : $T
  %none = arith.constant $MINUS_INFINITY : $T
  %log_sum = arith.mulf %log2_sum, %ln2 : $T
  %log_sum_exp = arith.select %empty, %none, %log_sum : $T
  attn.yield %factor, %log_sum_exp : $T, $T
} {unit = 1.44269504088896340736 : f64}
)";

// The denominator has one more term, 2^%extra, and may have to be taken below that.
static const std::string withExtra = R"(
  %top = arith.maximumf %largest, %extra : $T
  %below = arith.subf %largest, %top : $T
  %rescale = attn.decay %below : $T
  %extra_below = arith.subf %extra, %top : $T
  %extra_weight = attn.decay %extra_below : $T
  %rescaled = arith.mulf %sum, %rescale : $T
  %total = arith.addf %rescaled, %extra_weight : $T
  %inverse = arith.divf %rescale, %total : $T
  %log = math.log2 %total : $T
  %log2_sum = arith.addf %top, %log : $T
)";

std::string softmax() {
  return states + R"(
  %inverse = arith.divf %one, %sum : $T
  %log = math.log2 %sum : $T
  %log2_sum = arith.addf %largest, %log : $T
)" + end;
}

std::string softmaxSinks() {
  return states + R"(
  %sink = attn.load %capture[%head] : $CAPTURE
  %log2_e = arith.constant 1.44269504088896340736 : $T
  %extra = arith.mulf %sink, %log2_e : $T
)" + withExtra +
         end;
}

std::string softmaxPlusOne() {
  return states + R"(
  %extra = arith.constant 0.0 : $T
)" + withExtra +
         end;
}

} // namespace heed::normalizers
