#include "tools/measure/Work.h"
#include "tests/unit/measure/Presets.h"

#include <functional>

using namespace heed;
using namespace heed::measure;

namespace {

constexpr int64_t batch = 2, heads = 3, queries = 11, keys = 17;

class Pairs : public WithKernels {
protected:
  int64_t counted(std::vector<std::string> components, std::vector<double> lengths = {}) {
    return int64_t(
        work({.name = {}, .components = std::move(components), .headDim = 4}, lengths).pairs);
  }

  Work work(PresetOptions options, std::vector<double> lengths = {}) {
    Kernels kernels = preset(options);
    std::vector<Array> inputs = {Array({batch, queries, heads, 4}), Array({batch, keys, 1, 4}),
                                 Array({batch, keys, 1, 4})};
    if (!lengths.empty())
      inputs.push_back(Array({batch}, lengths));
    if (kernels.all().front().signature.arguments.size() == 7)
      inputs.insert(inputs.end(), {Array({heads, 4, 8}), Array({1, 4, 8}), Array({8})});
    return *workOf(kernels.all().front(), inputs);
  }

  static int64_t bruteForce(std::function<bool(int64_t query, int64_t key)> keep) {
    int64_t pairs = 0;
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t j = 0; j < keys; ++j)
        pairs += keep(i, j);
    return batch * heads * pairs;
  }
};

TEST_F(Pairs, AllWithoutAMask) { EXPECT_EQ(counted({}), batch * heads * queries * keys); }

TEST_F(Pairs, AsManyAsBruteForceFinds) {
  EXPECT_EQ(counted({"causal"}), bruteForce([](int64_t i, int64_t j) { return j <= i; }));
  EXPECT_EQ(counted({"causal=bottom_right"}),
            bruteForce([](int64_t i, int64_t j) { return j <= i + keys - queries; }));
  EXPECT_EQ(counted({"causal", "window=3"}),
            bruteForce([](int64_t i, int64_t j) { return j <= i && i - 3 <= j; }));
  EXPECT_EQ(counted({"window=2:4"}),
            bruteForce([](int64_t i, int64_t j) { return i - 2 <= j && j <= i + 4; }));
  EXPECT_EQ(counted({"prefix=5"}),
            bruteForce([](int64_t i, int64_t j) { return j < 5 || j <= i; }));
}

TEST_F(Pairs, LengthsCutThem) {
  EXPECT_EQ(counted({"lengths"}, {17, 4}), heads * queries * (17 + 4));
  EXPECT_EQ(counted({"lengths"}, {0, 17}), heads * queries * 17);
  EXPECT_EQ(counted({"lengths", "causal"}, {17, 2}), heads * (11 * 12 / 2 + 1 + 10 * 2));
}

TEST_F(Pairs, ThatAllMasksKeep) {
  // A mask whose scores are a result stays apart from the next.
  Kernels kernels = parsed(R"(
attn.kernel @two(%q: tensor<?x?x?x4xf32>, %k: tensor<?x?x?x4xf32>, %v: tensor<?x?x?x4xf32>)
    -> (tensor<?x?x?x4xf32>, tensor<?x?x?x?xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<?x?x?x4xf32>, tensor<?x?x?x4xf32>) -> tensor<?x?x?x?xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %keep = arith.cmpi sle, %key, %query : index
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %n = attn.mask %m {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %least = arith.constant 3 : index
    %keep = arith.cmpi sge, %key, %least : index
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %n : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x4xf32>) -> tensor<?x?x?x4xf32>
  attn.return %o, %m : tensor<?x?x?x4xf32>, tensor<?x?x?x?xf32>
})");
  std::vector<Array> inputs = {Array({batch, queries, heads, 4}), Array({batch, keys, 1, 4}),
                               Array({batch, keys, 1, 4})};
  EXPECT_EQ(int64_t(workOf(kernels.all().front(), inputs)->pairs),
            bruteForce([](int64_t i, int64_t j) { return 3 <= j && j <= i; }));
}

TEST_F(Pairs, AreTwoOperationsAColumn) {
  Work dense = work({.name = {}, .components = {}, .headDim = 4});
  EXPECT_EQ(dense.operations, dense.pairs * 2 * (4 + 4));
  EXPECT_EQ(dense.pairFeatures, 0);
  Work additive = work({.name = {}, .components = {"additive=8"}, .headDim = 4});
  EXPECT_EQ(additive.operations, dense.pairs * 2 * (8 + 4));
  EXPECT_EQ(additive.pairFeatures, dense.pairs * 8);
}

TEST_F(Pairs, LayersHaveNone) {
  Kernels linear = parsed(linearText), rowwise = parsed(rowwiseText);
  std::vector<Array> inputs = {Array({13, 20}), Array({1, 20, 64}), Array({50})};
  Work work = *workOf(linear.all().front(), inputs);
  EXPECT_EQ(work.operations, 2 * 13 * 20 * 50);
  EXPECT_EQ(work.pairs, 0);
  EXPECT_EQ(workOf(rowwise.all().front(), Array({13, 24}))->operations, 0);
}

} // namespace
