// Partial states: what they hold, and that merging and finishing gives attention over all keys.
#include "tests/unit/reference/Double.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

using namespace heed;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Array part(const Array &whole, int64_t begin, int64_t end) {
  int64_t dim = whole.shape[3];
  return Array({1, end - begin, 1, dim}, std::vector<double>(whole.values.begin() + begin * dim,
                                                             whole.values.begin() + end * dim));
}

struct Kind {
  const char *name;
  int states;
  bool hasCapture, hasLogSumExp;
};

class States : public testing::TestWithParam<Kind> {
protected:
  DoubleText attention() {
    DoubleText kernel{.dim = 2};
    kernel.normalize = GetParam().name;
    if (GetParam().hasCapture) {
      kernel.captures = "captures(%c : tensor<1xf64>)";
      kernel.arguments = ", %c: tensor<1xf64>";
    }
    return kernel;
  }
  std::vector<Array> withCapture(std::vector<Array> inputs) {
    if (GetParam().hasCapture)
      inputs.push_back(Array({1}, 0.4));
    return inputs;
  }
  Array partial(const Array &query, const Array &key) {
    DoubleText kernel = attention();
    kernel.sum = "partial";
    kernel.sumType = kernel.resultTypes = type(2 + GetParam().states);
    return kernel(withCapture({query, key, key}))[0];
  }
  static std::string type(int columns) { return fmt::format("tensor<?x?x1x{}xf64>", columns); }

  /// Output, and log-sum-exp if there is one, of two states.
  std::vector<Array> finishMerged(const Array &a, const Array &b) {
    auto [name, states, hasCapture, hasLogSumExp] = GetParam();
    Parsed parsed(fmt::format(
        R"(
attn.kernel @k(%a: {0}, %b: {0}{1}) -> ({2}{3}) {{
  %m = attn.merge {4} %a, %b : {0}
  {5} = attn.finish {4} %m {6} : {0} -> {2}{3}
  attn.return {7} : {2}{3}
}})",
        type(2 + states), hasCapture ? ", %c: tensor<1xf64>" : "", type(2),
        hasLogSumExp ? ", tensor<?x1x?xf64>" : "", name, hasLogSumExp ? "%o:2" : "%o",
        hasCapture ? "captures(%c : tensor<1xf64>)" : "", hasLogSumExp ? "%o#0, %o#1" : "%o"));
    EXPECT_TRUE(parsed) << parsed.errors;
    return *interpret(parsed.kernel(), withCapture({a, b}));
  }
};

TEST_P(States, OfTwoHalvesAreTheWhole) {
  Array query = randomArray({1, 3, 1, 2}, 1), key = randomArray({1, 7, 1, 2}, 2);
  DoubleText kernel = attention();
  if (GetParam().hasLogSumExp)
    kernel.results = "%o, %lse", kernel.resultTypes = "$ROWS, $PERROW";
  auto whole = kernel(withCapture({query, key, key}));
  for (int64_t middle : {0, 3, 7}) { // also of none and all
    auto merged =
        finishMerged(partial(query, part(key, 0, middle)), partial(query, part(key, middle, 7)));
    for (size_t i = 0; i < whole.size(); ++i)
      EXPECT_THAT(merged[i].values, Pointwise(DoubleNear(1e-12), whole[i].values)) << middle;
  }
}

TEST_P(States, OfNoKeysFinishToZero) {
  Array query = randomArray({1, 2, 1, 2}, 1), none({1, 0, 1, 2});
  auto merged = finishMerged(partial(query, none), partial(query, none));
  EXPECT_THAT(merged[0].values, testing::Each(0));
  if (GetParam().hasLogSumExp)
    EXPECT_THAT(merged[1].values, testing::Each(-infinity));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, States,
    testing::Values(Kind{"softmax", 2, false, true}, Kind{"softmax_sinks", 2, true, true},
                    Kind{"softmax_plus_one", 2, false, true}, Kind{"sigmoid", 0, true, false},
                    Kind{"relu_squared", 0, false, false}, Kind{"none", 0, false, false}),
    [](const auto &info) { return std::string(info.param.name); });

// Of softmax: the unfinished columns, the largest score in units of log2, the sum of powers.
TEST(State, OfSoftmaxByHand) {
  DoubleText kernel;
  kernel.sum = "partial";
  kernel.sumType = kernel.resultTypes = "tensor<?x?x1x3xf64>";
  double ln2 = std::log(2.0);
  Array one({1, 1, 1, 1}, 1), key({1, 2, 1, 1}, {3 * ln2, 5 * ln2}), value({1, 2, 1, 1}, {8, 100});
  EXPECT_THAT(kernel({one, key, value})[0].values,
              Pointwise(DoubleNear(1e-13), {8. / 4 + 100, 5., 1.25}));
}

TEST(State, PastTheQueryLengthIsThatOfNoKey) {
  DoubleText kernel;
  kernel.sum = "partial";
  kernel.sumType = kernel.resultTypes = "tensor<?x?x1x3xf64>";
  kernel.arguments = ", %n: tensor<?xi32> {attn.query_lengths}";
  Array one({1, 1, 1, 1}, 1);
  EXPECT_THAT(kernel({one, one, one, Array({1}, 0)})[0].values, ElementsAre(0, -1e30, 0));
}

} // namespace
