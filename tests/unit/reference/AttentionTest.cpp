// The reference against cases computed by hand, against laws of attention, and on numbers that are
// none.
#include "compiler/dialect/presets/Presets.h"
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

using namespace heed;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

namespace {

/// Logarithms in kernels that compute in f32 come with ln 2 as f32 has it.
constexpr double ofLogarithms = 1e-7;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// A kernel of presets with output, log-sum-exp and weights.
class Kernel {
public:
  Kernel(std::vector<std::string> components, int64_t dim) {
    components.insert(components.end(), {"log_sum_exp", "weights"});
    auto built = buildPreset(context, {.name = "k", .components = components, .headDim = dim});
    EXPECT_TRUE(static_cast<bool>(built)) << llvm::toString(built.takeError());
    module = std::move(*built);
  }
  std::vector<Array> operator()(const std::vector<Array> &inputs) {
    auto results = interpret(*module->getOps<attn::KernelOp>().begin(), inputs);
    EXPECT_TRUE(succeeded(results));
    return *results;
  }

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

Array random(std::vector<int64_t> shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Array array(std::move(shape));
  for (double &value : array.values)
    value = normal(engine);
  return array;
}

// Scores 0 and ln 3 / sqrt(1): weights 1/4 and 3/4.
TEST(Attention, ByHand) {
  Kernel kernel({"dense"}, 1);
  auto results = kernel({Array({1, 1, 1, 1}, std::log(3.0)), Array({1, 2, 1, 1}, {0, 1}),
                         Array({1, 2, 1, 1}, {10, 20})});
  EXPECT_THAT(results[0].values, ElementsAre(DoubleNear(0.25 * 10 + 0.75 * 20, 1e-12)));
  EXPECT_THAT(results[1].values, ElementsAre(DoubleNear(std::log(4.0), ofLogarithms)));
  EXPECT_THAT(results[2].values, ElementsAre(DoubleNear(0.25, 1e-12), DoubleNear(0.75, 1e-12)));
}

// Dim 4: the dot product, 4, is divided by 2.
TEST(Attention, ScalesByTheRootOfTheDim) {
  Kernel kernel({"dense"}, 4);
  auto results = kernel({Array({1, 1, 1, 4}, 1), Array({1, 1, 1, 4}, 1), Array({1, 1, 1, 4}, 1)});
  EXPECT_NEAR(results[1].values[0], 2, ofLogarithms);
}

// Heads 0, 1 use key head 0; heads 2, 3 use key head 1.
TEST(Attention, GroupsHeads) {
  Kernel kernel({"dense"}, 1);
  auto results = kernel({Array({1, 1, 4, 1}), Array({1, 1, 2, 1}), Array({1, 1, 2, 1}, {5, 7})});
  EXPECT_THAT(results[0].values, ElementsAre(5, 5, 7, 7));
}

TEST(Attention, WeightsOfARowSumToOne) {
  Kernel kernel({"causal", "softcap=3"}, 8);
  auto results =
      kernel({random({2, 5, 2, 8}, 1), random({2, 5, 2, 8}, 2), random({2, 5, 2, 8}, 3)});
  for (int64_t batch : {0, 1})
    for (int64_t head : {0, 1})
      for (int64_t query = 0; query < 5; ++query) {
        double sum = 0;
        for (int64_t key = 0; key < 5; ++key)
          sum += results[2]({batch, head, query, key});
        EXPECT_NEAR(sum, 1, 1e-12);
      }
}

// Keys with their values in another order give the same output.
TEST(Attention, DoesNotCareForTheOrderOfKeys) {
  Kernel kernel({"dense"}, 4);
  Array query = random({1, 3, 1, 4}, 4), key = random({1, 6, 1, 4}, 5),
        value = random({1, 6, 1, 4}, 6);
  Array reversedKey = key, reversedValue = value;
  for (int64_t j = 0; j < 6; ++j)
    for (int64_t d = 0; d < 4; ++d) {
      reversedKey({0, j, 0, d}) = key({0, 5 - j, 0, d});
      reversedValue({0, j, 0, d}) = value({0, 5 - j, 0, d});
    }
  auto straight = kernel({query, key, value}),
       reversed = kernel({query, reversedKey, reversedValue});
  EXPECT_THAT(straight[0].values, Pointwise(DoubleNear(1e-12), reversed[0].values));
  EXPECT_THAT(straight[1].values, Pointwise(DoubleNear(1e-12), reversed[1].values));
}

// A bias that is the same for all keys of a query moves the log-sum-exp and nothing else.
TEST(Attention, SoftmaxIgnoresAShift) {
  Kernel kernel({"bias=q"}, 4);
  Array query = random({1, 3, 1, 4}, 7), key = random({1, 5, 1, 4}, 8),
        value = random({1, 5, 1, 4}, 9);
  auto plain = kernel({query, key, value, Array({3}, 0)}),
       shifted = kernel({query, key, value, Array({3}, 100)});
  EXPECT_THAT(plain[0].values, Pointwise(DoubleNear(1e-10), shifted[0].values));
  for (size_t i = 0; i < plain[1].values.size(); ++i)
    EXPECT_NEAR(plain[1].values[i] + 100, shifted[1].values[i], 100 * ofLogarithms);
}

// Attention over a part of the keys and over the rest, merged by their log-sum-exps, is attention
// over all.
TEST(Attention, PartsMergeByLogSumExp) {
  Kernel kernel({"dense"}, 4);
  Array query = random({1, 1, 1, 4}, 10), key = random({1, 5, 1, 4}, 11),
        value = random({1, 5, 1, 4}, 12);
  auto part = [](const Array &from, int64_t begin, int64_t end) {
    return Array({1, end - begin, 1, 4}, std::vector<double>(from.values.begin() + begin * 4,
                                                             from.values.begin() + end * 4));
  };
  auto whole = kernel({query, key, value});
  auto a = kernel({query, part(key, 0, 2), part(value, 0, 2)}),
       b = kernel({query, part(key, 2, 5), part(value, 2, 5)});
  double lseA = a[1].values[0], lseB = b[1].values[0],
         lse = std::log(std::exp(lseA) + std::exp(lseB));
  EXPECT_NEAR(whole[1].values[0], lse, ofLogarithms);
  for (int d = 0; d < 4; ++d)
    EXPECT_NEAR(whole[0].values[d],
                std::exp(lseA - lse) * a[0].values[d] + std::exp(lseB - lse) * b[0].values[d],
                ofLogarithms);
}

TEST(Attention, RowsWithoutKeysAreZero) {
  Kernel kernel({"lengths"}, 1);
  auto results = kernel(
      {Array({1, 1, 1, 1}, 1), Array({1, 2, 1, 1}, 1), Array({1, 2, 1, 1}, 1), Array({1}, 0)});
  EXPECT_THAT(results[0].values, ElementsAre(0));
  EXPECT_THAT(results[1].values, ElementsAre(-infinity));
  EXPECT_THAT(results[2].values, ElementsAre(0, 0));
}

TEST(Attention, AScoreOfMinusInfinityIsMasked) {
  Kernel kernel({"bias=k"}, 1);
  Array one({1, 1, 1, 1}, 1), key({1, 2, 1, 1}, 1), value({1, 2, 1, 1}, {notANumber, 5});
  auto results = kernel({one, key, value, Array({2}, {-infinity, 0})});
  EXPECT_THAT(results[0].values, ElementsAre(5)); // the masked value is not touched, NaN or not
  EXPECT_THAT(results[2].values, ElementsAre(0, 1));
  results = kernel({one, key, value, Array({2}, -infinity)});
  EXPECT_THAT(results[0].values, ElementsAre(0));
  EXPECT_THAT(results[1].values, ElementsAre(-infinity));
}

TEST(Attention, ScoresThatAreNoNumberMakeTheirRowNaN) {
  Kernel kernel({"bias=qk"}, 1);
  Array query({1, 2, 1, 1}, 1), key({1, 2, 1, 1}, 1);
  for (double bad : {notANumber, infinity}) {
    auto results = kernel({query, key, key, Array({2, 2}, {0, bad, 0, 0})});
    EXPECT_TRUE(std::isnan(results[0].values[0]));
    EXPECT_TRUE(std::isnan(results[1].values[0]));
    EXPECT_DOUBLE_EQ(results[0].values[1], 1);
  }
}

TEST(Attention, AMaskedNaNDoesNotCount) {
  Kernel kernel({"causal"}, 1);
  auto results = kernel({Array({1, 1, 1, 1}, 1), Array({1, 2, 1, 1}, {1, notANumber}),
                         Array({1, 2, 1, 1}, {3, notANumber})});
  EXPECT_THAT(results[0].values, ElementsAre(3));
}

// Lengths, offset and roles: two batch entries, bottom-right causal.
TEST(Attention, LengthsAndOffsets) {
  Parsed parsed(R"(
attn.kernel @k(%q: tensor<?x?x1x1xf32>, %k: tensor<?x?x1x1xf32>, %v: tensor<?x?x1x1xf32>,
               %kl: tensor<?xi32> {attn.key_lengths}, %ql: tensor<?xi32> {attn.query_lengths}, %off: tensor<?xi32> {attn.query_offsets})
    -> (tensor<?x?x1x1xf32>, tensor<?x1x?xf32>, tensor<?x1x?x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x1x1xf32>, tensor<?x?x1x1xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    %keep = arith.cmpi sle, %key, %place : index
    attn.yield %keep : i1
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %lse = attn.log_sum_exp %m : tensor<?x1x?x?xf32> -> tensor<?x1x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32>
  attn.return %o, %lse, %w : tensor<?x?x1x1xf32>, tensor<?x1x?xf32>, tensor<?x1x?x?xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Array ones({2, 2, 1, 1}, 1), keys({2, 3, 1, 1}, 1);
  auto results = interpret(parsed.kernel(), {ones, keys, keys, Array({2}, {3, 2}),
                                             Array({2}, {2, 1}), Array({2}, {0, 1})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[2].values, ElementsAre(1, 0, 0, 0.5, 0.5, 0,   // offset 0
                                                0.5, 0.5, 0, 0, 0, 0)); // one query at 1, two keys
  EXPECT_EQ((*results)[1].values.back(), -infinity);
}

} // namespace
