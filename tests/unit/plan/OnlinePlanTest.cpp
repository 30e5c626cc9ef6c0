// Which online plans are legal, and what is said of those that are not. Those of layers:
// tests/unit/linear.
#include "schedules/plan/Plan.h"
#include "tests/unit/plan/Ranges.h"

#include <gtest/gtest.h>

using namespace heed;

/// What is wrong with the plan on a target of 8 lanes and 16 registers, or "".
static std::string complaint(const OnlinePlan &plan) {
  return llvm::toString(checkPlan({"x86-64-avx2", plan}));
}

static const OnlinePlan least{.queryTile = 8,
                              .keyTile = 1,
                              .edgeKeyTile = 1,
                              .queryVectors = 1,
                              .keyUnroll = 1,
                              .depthUnroll = 1,
                              .reduceUnroll = 1};

TEST(OnlinePlans, LeastAndLargestAreLegal) {
  EXPECT_EQ(complaint(least), "");
  EXPECT_EQ(complaint({.queryTile = 1024,
                       .keyTile = 1024,
                       .edgeKeyTile = 1024,
                       .queryVectors = 1,
                       .keyUnroll = 16,
                       .depthUnroll = 16,
                       .reduceUnroll = 16}),
            "");
}

TEST(OnlinePlans, NumbersOutOfRange) {
  expectRanges<OnlinePlan>(least, complaint,
                           {{"query_tile", &OnlinePlan::queryTile, 1024},
                            {"task_tiles", &OnlinePlan::taskTiles, 64},
                            {"key_tile", &OnlinePlan::keyTile, 1024},
                            {"edge_key_tile", &OnlinePlan::edgeKeyTile, 1024},
                            {"query_vectors", &OnlinePlan::queryVectors, 8},
                            {"edge_vectors", &OnlinePlan::edgeVectors, 8},
                            {"key_unroll", &OnlinePlan::keyUnroll, 16},
                            {"depth_unroll", &OnlinePlan::depthUnroll, 16},
                            {"reduce_unroll", &OnlinePlan::reduceUnroll, 16},
                            {"turn", &OnlinePlan::turn, 64}});
}

TEST(OnlinePlans, TurnsThatAreNoPowersOfTwo) { expectPowersOfTwo<OnlinePlan>(least, complaint); }

TEST(OnlinePlans, TilesThatDoNotNest) {
  OnlinePlan plan = least;
  plan.queryTile = 12;
  EXPECT_EQ(complaint(plan), "query_tile is 12, which is no multiple of lanes * query_vectors = 8");
  plan = least, plan.turn = 16;
  EXPECT_EQ(complaint(plan), "query_tile is 8, which is no multiple of turn = 16");
  plan = least, plan.keyTile = 10, plan.edgeKeyTile = 4;
  EXPECT_EQ(complaint(plan), "key_tile is 10, which is no multiple of edge_key_tile = 4");
  plan = least, plan.keyTile = plan.edgeKeyTile = 6, plan.keyUnroll = 4;
  EXPECT_EQ(complaint(plan), "edge_key_tile is 6, which is no multiple of key_unroll = 4");
  plan = least, plan.keyTile = plan.edgeKeyTile = 6, plan.reduceUnroll = 4;
  EXPECT_EQ(complaint(plan), "edge_key_tile is 6, which is no multiple of reduce_unroll = 4");
}

TEST(OnlinePlans, AccumulatorsThatDoNotFitTheRegisters) {
  OnlinePlan plan = least;
  plan.queryVectors = 4, plan.queryTile = 32, plan.depthUnroll = 5;
  EXPECT_EQ(complaint(plan),
            "query_vectors times key_unroll or depth_unroll is 20, more than the 16 registers of "
            "x86-64-avx2");
  EXPECT_EQ(
      llvm::toString(checkPlan(
          {"x86-64-avx512", OnlinePlan{.queryTile = 64, .queryVectors = 4, .depthUnroll = 8}})),
      "");
}
