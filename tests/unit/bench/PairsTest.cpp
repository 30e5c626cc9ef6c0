#include "tools/heed-bench/Pairs.h"
#include "compiler/dialect/presets/Presets.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <functional>

using namespace heed;
using namespace heed::bench;

namespace {

constexpr int64_t batch = 2, heads = 3, queries = 11, keys = 17;

class Pairs : public testing::Test {
protected:
  Pairs() {
    context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  }

  int64_t counted(std::vector<std::string> components, std::vector<double> lengths = {}) {
    auto module = llvm::cantFail(
        buildPreset(context, {.name = {}, .components = std::move(components), .headDim = 4}));
    mlir::PassManager passes(module.get()->getName());
    buildPipeline(passes);
    EXPECT_TRUE(succeeded(passes.run(*module)));
    std::vector<Array> inputs = {Array({batch, queries, heads, 4}), Array({batch, keys, 1, 4}),
                                 Array({batch, keys, 1, 4})};
    if (!lengths.empty())
      inputs.push_back(Array({batch}, lengths));
    mlir::FailureOr<int64_t> pairs = countPairs(*module->getOps<attn::KernelOp>().begin(), inputs);
    return succeeded(pairs) ? *pairs : -1;
  }

  static int64_t bruteForce(std::function<bool(int64_t query, int64_t key)> keep) {
    int64_t pairs = 0;
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t j = 0; j < keys; ++j)
        pairs += keep(i, j);
    return batch * heads * pairs;
  }

  mlir::MLIRContext context;
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

} // namespace
