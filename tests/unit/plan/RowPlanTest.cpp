// Which row plans are legal, and what is said of those that are not.
#include "schedules/plan/Plan.h"
#include "tests/unit/plan/Ranges.h"

#include <gtest/gtest.h>

using namespace heed;

/// What is wrong with the plan on a target of 8 lanes and 16 registers, or "".
static std::string complaint(const RowPlan &plan) {
  return llvm::toString(checkPlan({"x86-64-avx2", plan}));
}

static const RowPlan least{.queryTile = 8, .keyTile = 1, .keyUnroll = 1, .depthUnroll = 1};

TEST(RowPlans, LeastAndLargestAreLegal) {
  EXPECT_EQ(complaint(least), "");
  EXPECT_EQ(complaint({.queryTile = 8, .keyTile = 1024, .keyUnroll = 16, .depthUnroll = 16}), "");
}

TEST(RowPlans, NumbersOutOfRange) {
  expectRanges<RowPlan>(least, complaint,
                        {{"query_tile", &RowPlan::queryTile, 1024},
                         {"key_tile", &RowPlan::keyTile, 1024},
                         {"key_unroll", &RowPlan::keyUnroll, 16},
                         {"depth_unroll", &RowPlan::depthUnroll, 16},
                         {"turn", &RowPlan::turn, 64}});
}

TEST(RowPlans, TurnsThatAreNoPowersOfTwo) { expectPowersOfTwo<RowPlan>(least, complaint); }

TEST(RowPlans, TilesThatDoNotNest) {
  RowPlan plan = least;
  plan.queryTile = 12;
  EXPECT_EQ(complaint(plan), "query_tile is 12, which is no multiple of lanes = 8");
  plan = least, plan.turn = 16;
  EXPECT_EQ(complaint(plan), "query_tile is 8, which is no multiple of turn = 16");
  plan = least, plan.keyTile = 10, plan.keyUnroll = 4;
  EXPECT_EQ(complaint(plan), "key_tile is 10, which is no multiple of key_unroll = 4");
}

TEST(RowPlans, AccumulatorsThatDoNotFitTheRegisters) {
  EXPECT_EQ(complaint({.queryTile = 32, .keyTile = 8, .keyUnroll = 1, .depthUnroll = 5}),
            "query_tile / lanes times key_unroll or depth_unroll is 20, more than the 16 registers "
            "of x86-64-avx2");
}
