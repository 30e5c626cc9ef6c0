#include "tests/unit/search/Problems.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::DoubleEq;
using ::testing::DoubleNear;

namespace {

constexpr Caches caches = {48e3, 2e6};

double cycles(const Problem &problem, OnlinePlan plan) {
  return estimateCycles(problem, {problem.target.name, plan}, caches);
}

TEST(Model, moreWorkTakesLonger) {
  EXPECT_GT(cycles(denseProblem(2048), {}), 1.9 * cycles(denseProblem(), {}));
  EXPECT_GT(cycles(denseProblem(1024, 2048), {}), 1.9 * cycles(denseProblem(), {}));
  Problem band = denseProblem();
  band.kernel.mask = "band";
  band.pairs /= 2;
  EXPECT_LT(cycles(band, {}), 0.8 * cycles(denseProblem(), {}));
  Problem costly = denseProblem();
  costly.kernel.modify = "costly";
  EXPECT_GT(cycles(costly, {}), cycles(denseProblem(), {}));
}

// 4 x 4 vectors keep two units busy behind a latency of four; 1 x 1 waits for it.
TEST(Model, smallRegisterTilesWait) {
  OnlinePlan small{.queryTile = 64, .queryVectors = 1, .keyUnroll = 1, .depthUnroll = 1};
  EXPECT_GT(cycles(denseProblem(), small), 2 * cycles(denseProblem(), {}));
}

TEST(Model, spilledSumsCost) {
  OnlinePlan full{.queryTile = 64, .queryVectors = 4, .keyUnroll = 8, .depthUnroll = 8};
  EXPECT_GT(cycles(denseProblem(), full), cycles(denseProblem(), {}));
}

TEST(Model, tilesThatAFewQueriesLeaveEmptyCost) {
  OnlinePlan large{.queryTile = 192}, small{.queryTile = 64};
  EXPECT_GT(cycles(denseProblem(64), large), 2 * cycles(denseProblem(64), small));
}

TEST(Model, scoresPastTheCachesCostInTheRowForm) {
  auto row = [](int64_t keys) {
    return estimateCycles(denseProblem(64, keys), {"x86-64-avx512", RowPlan{}}, caches) /
           double(keys);
  };
  EXPECT_GT(row(65536), 1.1 * row(128));
}

// 4 x 4 numbers in a thread's registers load half a word a multiply-add, 1 x 1 two.
TEST(Model, ofGpusKnowsWhatBoundsATile) {
  auto of = [](const GpuPlan &plan, int64_t queries, int64_t keys) {
    Problem problem = denseProblem(queries, keys);
    problem.target = llvm::cantFail(findTarget("cuda"));
    return estimateCycles(problem, {"cuda", plan}, caches);
  };
  GpuPlan tile,
      single{.queryThreads = 32, .keyThreads = 32, .queryRegisters = 1, .keyRegisters = 1};
  EXPECT_LT(of(tile, 4096, 4096), 0.5 * of(single, 4096, 4096));
  GpuPlan tooLarge{.queryTile = 128, .keyTile = 128}; // for shared memory
  EXPECT_GT(of(tooLarge, 4096, 4096), 100 * of(tile, 4096, 4096));
  GpuPlan few{.queryTile = 4, .queryThreads = 4, .queryRegisters = 1}, parts = few;
  parts.partKeys = 256;
  EXPECT_LT(of(parts, 1, 16384), of(few, 1, 16384)); // twelve blocks leave most SMs idle
}

TEST(Model, linearLayers) {
  Problem layer = denseProblem();
  layer.kernel = {.kind = "linear", .types = {"f32", "f32"}, .dim = 384, .valueDim = 1536};
  layer.shape = {{"rows", 128}};
  auto of = [&](LinearPlan plan) { return estimateCycles(layer, {"x86-64-avx512", plan}, caches); };
  EXPECT_LT(of({.rowTile = 8, .columnVectors = 3}), of({.rowTile = 1, .columnVectors = 1}));
}

TEST(Model, hasNoOpinionOnOtherForms) {
  EXPECT_EQ(estimateCycles(denseProblem(), {"x86-64-avx512", MergePlan{}}, caches), 1);
}

TEST(Model, rankCorrelation) {
  EXPECT_THAT(rankCorrelation({1, 2, 3, 4}, {10, 20, 30, 1000}), DoubleEq(1));
  EXPECT_THAT(rankCorrelation({1, 2, 3, 4}, {9, 7, 5, 3}), DoubleEq(-1));
  // By hand: ranks 1 2.5 2.5 4 and 1 3 2 4.
  EXPECT_THAT(rankCorrelation({1, 2, 2, 4}, {1, 3, 2, 4}), DoubleNear(0.9486832980505138, 1e-12));
  EXPECT_EQ(rankCorrelation({1, 2}, {1, 2}), 0);
  EXPECT_EQ(rankCorrelation({1, 1, 1}, {1, 2, 3}), 0);
}

} // namespace
