// Every normalizer against its formula, as AttnOps.td has it, and against its laws.
#include "tests/unit/reference/Double.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

using namespace heed;
using testing::DoubleNear;
using testing::Each;
using testing::Pointwise;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Reals = std::vector<double>;

/// What sums to 1 as the threshold falls: sorted scores, the support grown key by key (Martins and
/// Astudillo 2016, algorithm 1).
Reals sparsemax(const Reals &x) {
  Reals sorted = x;
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0, threshold = 0;
  for (size_t k = 1; k <= sorted.size(); ++k) {
    sum += sorted[k - 1];
    if (1 + k * sorted[k - 1] > sum)
      threshold = (sum - 1) / k;
  }
  Reals weights;
  for (double score : x)
    weights.push_back(std::max(score - threshold, 0.0));
  return weights;
}

/// Peters et al. 2019, algorithm 2: the threshold of a support of k keys has mean and variance in
/// closed form.
Reals entmax15(const Reals &x) {
  Reals sorted = x;
  std::sort(sorted.rbegin(), sorted.rend());
  double sum = 0, squares = 0, threshold = 0;
  for (size_t k = 1; k <= sorted.size(); ++k) {
    double score = sorted[k - 1] / 2;
    sum += score, squares += score * score;
    double mean = sum / k, spread = squares - k * mean * mean;
    if (spread > 1)
      continue;
    double candidate = mean - std::sqrt((1 - spread) / k);
    if (candidate <= score)
      threshold = candidate;
  }
  Reals weights;
  for (double score : x)
    weights.push_back(std::pow(std::max(score / 2 - threshold, 0.0), 2));
  return weights;
}

Reals softmax(const Reals &x, double more) {
  double sum = more;
  for (double score : x)
    sum += std::exp(score);
  Reals weights;
  for (double score : x)
    weights.push_back(std::exp(score) / sum);
  return weights;
}

template <typename Function> Reals each(const Reals &x, Function weight) {
  Reals weights;
  for (double score : x)
    weights.push_back(weight(score));
  return weights;
}

constexpr double capture = -0.7; // the sink, or the bias

struct Kind {
  const char *name;
  Reals (*weights)(const Reals &scores);
  bool ignoresShifts, hasCapture = false;
};
const Kind kinds[] = {
    {"softmax", [](const Reals &x) { return softmax(x, 0); }, true},
    {"softmax_sinks", [](const Reals &x) { return softmax(x, std::exp(capture)); }, false, true},
    {"softmax_plus_one", [](const Reals &x) { return softmax(x, 1); }, false},
    {"sigmoid",
     [](const Reals &x) {
       return each(x, [](double score) { return 1 / (1 + std::exp(-(score + capture))); });
     },
     false, true},
    {"relu_squared",
     [](const Reals &x) {
       return each(x, [](double score) { return score > 0 ? score * score : 0; });
     },
     false},
    {"none", [](const Reals &x) { return x; }, false},
    {"sparsemax", sparsemax, true},
    {"entmax15", entmax15, true},
};

class Normalizers : public testing::TestWithParam<Kind> {
protected:
  /// Scores are the keys; output and weights.
  std::vector<Array> run(const Reals &scores, const Reals &values) {
    DoubleText kernel;
    kernel.normalize = GetParam().name;
    kernel.results = "%o, %w", kernel.resultTypes = "$ROWS, $SCORES";
    int64_t keys = int64_t(scores.size());
    std::vector<Array> inputs = {Array({1, 1, 1, 1}, 1), Array({1, keys, 1, 1}, scores),
                                 Array({1, keys, 1, 1}, values)};
    if (GetParam().hasCapture) {
      kernel.captures = "captures(%c : tensor<1xf64>)";
      kernel.arguments = ", %c: tensor<1xf64>";
      inputs.push_back(Array({1}, capture));
    }
    return kernel(inputs);
  }
};

TEST_P(Normalizers, FollowTheirFormula) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    int64_t keys = 1 + seed % 7;
    Reals scores = randomArray({keys}, seed).values, values = randomArray({keys}, 99).values;
    for (double &score : scores)
      score *= 1 + seed / 7;
    auto results = run(scores, values);
    Reals expected = GetParam().weights(scores);
    EXPECT_THAT(results[1].values, Pointwise(DoubleNear(1e-12), expected));
    EXPECT_NEAR(results[0].values[0],
                std::inner_product(expected.begin(), expected.end(), values.begin(), 0.0), 1e-11);
  }
}

TEST_P(Normalizers, DoNotCareForTheOrderOfKeys) {
  Reals scores = {0.3, -1, 2, 0.3, 1.5}, values = {1, 2, 3, 4, 5};
  auto straight = run(scores, values);
  std::reverse(scores.begin(), scores.end()), std::reverse(values.begin(), values.end());
  auto reversed = run(scores, values);
  std::reverse(reversed[1].values.begin(), reversed[1].values.end());
  EXPECT_THAT(straight[1].values, Pointwise(DoubleNear(1e-14), reversed[1].values));
  EXPECT_NEAR(straight[0].values[0], reversed[0].values[0], 1e-13);
}

TEST_P(Normalizers, IgnoreShiftsWhereTheyShould) {
  Reals scores = {0.3, -1, 2, 0.3}, shifted = each(scores, [](double x) { return x + 5; });
  auto here = run(scores, {1, 2, 3, 4})[1].values, there = run(shifted, {1, 2, 3, 4})[1].values;
  double difference = 0;
  for (size_t i = 0; i < here.size(); ++i)
    difference += std::abs(here[i] - there[i]);
  if (GetParam().ignoresShifts)
    EXPECT_LT(difference, 1e-12);
  else
    EXPECT_GT(difference, 1e-3);
}

TEST_P(Normalizers, GiveZerosWithoutKeys) {
  auto results = run({-infinity, -infinity}, {3, 4});
  EXPECT_THAT(results[0].values, Each(0));
  EXPECT_THAT(results[1].values, Each(0));
  EXPECT_THAT(run({}, {})[0].values, Each(0));
}

TEST_P(Normalizers, LoseARowToNaN) {
  auto results = run({1, std::nan(""), 2}, {1, 2, 3});
  EXPECT_TRUE(std::isnan(results[0].values[0]));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Normalizers, testing::ValuesIn(kinds),
                         [](const auto &info) { return std::string(info.param.name); });

// Sums of exponentials, with what stands in the denominator besides.
TEST(LogSumExp, IsTheLogarithmOfTheDenominator) {
  Array query({1, 1, 1, 1}, 1), key({1, 3, 1, 1}, {-1, 0.5, 2});
  double sum = std::exp(-1) + std::exp(0.5) + std::exp(2);
  for (auto [name, more] :
       {std::pair("softmax", 0.0), {"softmax_sinks", 3.0}, {"softmax_plus_one", 1.0}}) {
    DoubleText kernel;
    kernel.normalize = name;
    kernel.results = "%o, %lse", kernel.resultTypes = "$ROWS, $PERROW";
    std::vector<Array> inputs = {query, key, key};
    if (more == 3.0) {
      kernel.captures = "captures(%c : tensor<1xf64>)";
      kernel.arguments = ", %c: tensor<1xf64>";
      inputs.push_back(Array({1}, std::log(3.0)));
    }
    EXPECT_NEAR(kernel(inputs)[1].values[0], std::log(sum + more), 1e-12) << name;
    inputs[1] = Array({1, 3, 1, 1}, -infinity);
    EXPECT_EQ(kernel(inputs)[1].values[0], -infinity) << name;
  }
}

TEST(KeySums, AddWhatEachKeyGets) {
  DoubleText kernel;
  kernel.results = "%o, %n, %w", kernel.resultTypes = "$ROWS, $PERROW, $SCORES";
  auto results = kernel(
      {randomArray({2, 3, 1, 1}, 1), randomArray({2, 4, 1, 1}, 2), randomArray({2, 4, 1, 1}, 3)});
  for (int64_t batch : {0, 1})
    for (int64_t j = 0; j < 4; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < 3; ++i)
        sum += results[2]({batch, 0, i, j});
      EXPECT_NEAR(results[1]({batch, 0, j}), sum, 1e-14);
    }
}

// A user's own normalizer: the mean, and the square of a score over the sum of squares.
TEST(Normalizers, OfAUserAreReadLikeThoseOfHeed) {
  DoubleText kernel;
  kernel.normalize = "@squares";
  kernel.results = "%o, %w", kernel.resultTypes = "$ROWS, $SCORES";
  kernel.before = R"(
attn.normalizer @squares identity {
  %zero = arith.constant 0.0 : f64
  attn.yield %zero : f64
} summarize {
^bb0(%x: f64, %batch: index, %head: index, %query: index):
  %square = arith.mulf %x, %x : f64
  %sum = attn.block_sum %square : f64
  attn.yield %sum : f64
} weight {
^bb0(%x: f64, %sum: f64, %batch: index, %head: index, %query: index):
  %square = arith.mulf %x, %x : f64
  attn.yield %square : f64
} merge {
^bb0(%a: f64, %b: f64):
  %one = arith.constant 1.0 : f64
  %sum = arith.addf %a, %b : f64
  attn.yield %sum, %one, %one : f64, f64, f64
} finalize {
^bb0(%sum: f64, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f64
  %factor = arith.divf %one, %sum : f64
  attn.yield %factor : f64
} {unit = 3.0 : f64}
)";
  Array query({1, 1, 1, 1}, 1), key({1, 3, 1, 1}, {1, 2, 3}), value({1, 3, 1, 1}, {14, 0, 28});
  auto results = kernel({query, key, value});
  EXPECT_THAT(results[1].values, Pointwise(DoubleNear(1e-15), {1. / 14, 4. / 14, 9. / 14}));
  EXPECT_NEAR(results[0].values[0], 1 + 18, 1e-13);
  // Without keys its finalize would divide by 0.
  EXPECT_EQ(kernel({query, Array({1, 0, 1, 1}), Array({1, 0, 1, 1})})[0].values[0], 0);
}

} // namespace
