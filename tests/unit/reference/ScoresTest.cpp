// Scores of each kind, and the scores that a kernel returns.
#include "tests/unit/reference/Double.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

using namespace heed;
using testing::ElementsAre;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> scoresOf(DoubleText kernel, const std::vector<Array> &inputs) {
  kernel.results = "%o, %s", kernel.resultTypes = "$ROWS, $SCORES";
  return kernel(inputs)[1].values;
}

TEST(Scores, DotAndScaledDot) {
  Array query({1, 1, 1, 4}, {1, 2, 3, 4}), key({1, 2, 1, 4}, {1, 1, 1, 1, 0, 0, 0, -1});
  DoubleText dot{.dim = 4}, scaled{.dim = 4, .score = "scaled_dot"};
  EXPECT_THAT(scoresOf(dot, {query, key, key}), ElementsAre(10, -4));
  EXPECT_THAT(scoresOf(scaled, {query, key, key}), ElementsAre(5, -2));
}

// -sum_d w_d (q_d - k_d)^2
TEST(Scores, PairwiseSumsItsBody) {
  DoubleText kernel{.dim = 2, .score = "pairwise"};
  kernel.arguments = ", %weights: tensor<2xf64>";
  kernel.pairwise = R"(captures(%weights : tensor<2xf64>) {
  ^bb0(%x: f64, %y: f64, %batch: index, %head: index, %column: index, %w: tensor<2xf64>):
    %away = arith.subf %x, %y : f64
    %square = arith.mulf %away, %away : f64
    %weight = attn.load %w[%column] : tensor<2xf64>
    %term = arith.mulf %weight, %square : f64
    %negative = arith.negf %term : f64
    attn.yield %negative : f64
  })";
  Array query({1, 1, 1, 2}, {1, 2}), key({1, 2, 1, 2}, {1, 5, 4, 2});
  EXPECT_THAT(scoresOf(kernel, {query, key, key, Array({2}, {2, 10})}), ElementsAre(-90, -18));
}

// Each stage as its op gives it: a mask, which comes last, takes nothing from those before.
TEST(Scores, AreReturnedAtEachStage) {
  DoubleText kernel;
  kernel.modify = R"(%two = arith.constant 2.0 : f64
    %y = arith.mulf %x, %two : f64
    attn.yield %y : f64)";
  kernel.mask = R"(%keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1)";
  kernel.normalize = "none";
  kernel.results = "%o, %m, %s, %w, %b";
  kernel.resultTypes = "$ROWS, $SCORES, $SCORES, $SCORES, $SCORES";
  Array query({1, 2, 1, 1}, {1, -1}), key({1, 3, 1, 1}, {1, 2, 3});
  auto results = kernel({query, key, key});
  EXPECT_THAT(results[2].values, ElementsAre(1, 2, 3, -1, -2, -3));
  EXPECT_THAT(results[4].values, ElementsAre(2, 4, 6, -2, -4, -6));
  EXPECT_THAT(results[1].values, ElementsAre(2, -infinity, -infinity, -2, -4, -infinity));
  EXPECT_THAT(results[3].values, ElementsAre(2, 0, 0, -2, -4, 0));
}

TEST(Scores, OutOfLengthAreMinusInfinity) {
  DoubleText kernel;
  kernel.arguments =
      ", %kl: tensor<?xi32> {attn.key_lengths}, %ql: tensor<?xi32> {attn.query_lengths}";
  Array ones({1, 2, 1, 1}, 1);
  EXPECT_THAT(scoresOf(kernel, {ones, ones, ones, Array({1}, 1), Array({1}, 1)}),
              ElementsAre(1, -infinity, -infinity, -infinity));
}

// Natural units, whatever the normalizer computes in.
TEST(Scores, AreNotInTheNormalizersUnit) {
  DoubleText kernel;
  kernel.normalize = "entmax15";
  Array one({1, 1, 1, 1}, 1), key({1, 1, 1, 1}, 7);
  EXPECT_THAT(scoresOf(kernel, {one, key, key}), ElementsAre(7));
}

TEST(Scores, BelowTheLeastAreMasked) {
  DoubleText kernel;
  kernel.results = "%o, %w", kernel.resultTypes = "$ROWS, $SCORES";
  Array one({1, 1, 1, 1}, 1), key({1, 2, 1, 1}, {-2e29, 0});
  EXPECT_THAT(kernel({one, key, key})[1].values, ElementsAre(0, 1));
}

} // namespace
