// Normalizers that cut off low scores: weights are 0 below a threshold that makes them sum to 1.
#include "compiler/dialect/normalizers/Texts.h"

namespace heed::normalizers {

// The largest score is 0: above the threshold by 1 it is enough of a sum, and not above it too
// little.
static const std::string bracket = R"(bracket {
  %low = arith.constant -1.0 : $T
  %high = arith.constant 0.0 : $T
  attn.yield %low, %high : $T, $T
} weight {
^bb0(%x: $T, %threshold: $T, $P):
  %zero = arith.constant 0.0 : $T
  %above = arith.subf %x, %threshold : $T
  %positive = arith.maximumf %above, %zero : $T
)";

// Martins and Astudillo, "From Softmax to Sparsemax", 2016, section 2.
std::string sparsemax() {
  return bracket + R"(
  attn.yield %positive : $T
}
)";
}

// Peters et al., "Sparse Sequence-to-Sequence Models", 2019, section 3: alpha = 1.5, scores halved.
std::string entmax15() {
  return bracket + R"(
  %weight = arith.mulf %positive, %positive : $T
  attn.yield %weight : $T
} {unit = 0.5 : f64}
)";
}

} // namespace heed::normalizers
