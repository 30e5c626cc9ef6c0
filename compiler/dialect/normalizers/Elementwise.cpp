// Normalizers that weigh each key by its score alone: no state, and merging only adds.
#include "compiler/dialect/normalizers/Texts.h"

namespace heed::normalizers {

// `weight` is the body that yields the weight of %x.
static std::string elementwise(const std::string &weight) {
  return R"(identity {
  attn.yield
} summarize {
^bb0(%x: $T, $P):
  attn.yield
} weight {
^bb0(%x: $T, $P):
)" + weight +
         R"(
} merge {
  %one = arith.constant 1.0 : $T
  attn.yield %one, %one : $T, $T
} finalize {
^bb0($P):
  %one = arith.constant 1.0 : $T
  attn.yield %one : $T
}
)";
}

// Ramapuram et al., "Theory, Analysis, and Best Practices for Sigmoid Self-Attention", 2024,
// section 3: the bias is about -log(number of keys).
std::string sigmoid() {
  return elementwise(R"(
  %bias = attn.load %capture[%head] : $CAPTURE
  %one = arith.constant 1.0 : $T
  %shifted = arith.addf %x, %bias : $T
  %negative = arith.negf %shifted : $T
  %power = math.exp %negative : $T
  %denominator = arith.addf %one, %power : $T
  %weight = arith.divf %one, %denominator : $T
  attn.yield %weight : $T)");
}

// Hua et al., "Transformer Quality in Linear Time", 2022, section 2.
std::string reluSquared() {
  return elementwise(R"(
  %zero = arith.constant 0.0 : $T
  %positive = arith.maximumf %x, %zero : $T
  %weight = arith.mulf %positive, %positive : $T
  attn.yield %weight : $T)");
}

std::string none() { return elementwise("  attn.yield %x : $T"); }

} // namespace heed::normalizers
