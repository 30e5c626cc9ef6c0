// Which split plans are legal, and what is said of those that are not.
#include "schedules/plan/Plan.h"
#include "tests/unit/plan/Ranges.h"

#include <gtest/gtest.h>

using namespace heed;

/// What is wrong with the plan on a target of 8 lanes and 16 registers, or "".
static std::string complaint(const SplitPlan &plan) {
  return llvm::toString(checkPlan({"x86-64-avx2", plan}));
}

static const SplitPlan least{.partKeys = 1,
                             .keyTile = 1,
                             .keyHeads = 1,
                             .rowTile = 1,
                             .keyUnroll = 1,
                             .columnVectors = 1,
                             .reduceUnroll = 1};

TEST(SplitPlans, LeastAndLargestAreLegal) {
  EXPECT_EQ(complaint(least), "");
  EXPECT_EQ(complaint({.partKeys = 65536,
                       .keyTile = 1024,
                       .keyHeads = 1024,
                       .rowTile = 1,
                       .keyUnroll = 16,
                       .columnVectors = 16,
                       .reduceUnroll = 16}),
            "");
  EXPECT_EQ(complaint({.partKeys = 1,
                       .keyTile = 1,
                       .keyHeads = 1,
                       .rowTile = 16,
                       .keyUnroll = 1,
                       .columnVectors = 1,
                       .reduceUnroll = 1}),
            "");
}

TEST(SplitPlans, NumbersOutOfRange) {
  expectRanges<SplitPlan>(least, complaint,
                          {{"part_keys", &SplitPlan::partKeys, 65536},
                           {"key_tile", &SplitPlan::keyTile, 1024},
                           {"row_tile", &SplitPlan::rowTile, 16},
                           {"key_unroll", &SplitPlan::keyUnroll, 16},
                           {"column_vectors", &SplitPlan::columnVectors, 16},
                           {"reduce_unroll", &SplitPlan::reduceUnroll, 16}});
  SplitPlan plan = least;
  for (int keys : {-1, 4097}) {
    plan.keysAhead = keys;
    EXPECT_EQ(complaint(plan),
              "keys_ahead is " + std::to_string(keys) + ", but has to be from 0 to 4096");
  }
}

TEST(SplitPlans, TilesThatDoNotNest) {
  SplitPlan plan = least;
  plan.partKeys = 48, plan.keyTile = 32;
  EXPECT_EQ(complaint(plan), "part_keys is 48, which is no multiple of key_tile = 32");
  plan = least, plan.partKeys = plan.keyTile = 10, plan.keyUnroll = 4;
  EXPECT_EQ(complaint(plan), "key_tile is 10, which is no multiple of key_unroll = 4");
  plan = least, plan.partKeys = plan.keyTile = 10, plan.reduceUnroll = 3;
  EXPECT_EQ(complaint(plan), "key_tile is 10, which is no multiple of reduce_unroll = 3");
}

TEST(SplitPlans, AccumulatorsThatDoNotFitTheRegisters) {
  SplitPlan plan = least;
  plan.rowTile = 4, plan.columnVectors = 5;
  EXPECT_EQ(complaint(plan), "row_tile times key_unroll or column_vectors is 20, more than the 16 "
                             "registers of x86-64-avx2");
}
