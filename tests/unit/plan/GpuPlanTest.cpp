// Which plans for devices are legal, and what is said of those that are not.
#include "schedules/plan/Plan.h"
#include "tests/unit/plan/Ranges.h"

#include <gtest/gtest.h>

using namespace heed;

/// What is wrong with the plan, or "".
template <typename Form> static std::string complaint(const Form &plan) {
  return llvm::toString(checkPlan({"cuda", plan}));
}

static const GpuPlan least{1, 1, 1, 1, 1, 1, 1, 1, 0};

TEST(GpuPlans, LeastAndLargestAreLegal) {
  EXPECT_EQ(complaint(least), "");
  EXPECT_EQ(complaint(GpuPlan{}), "");
  EXPECT_EQ(complaint(GpuPlan{256, 256, 64, 16, 4, 16, 16, 16, 65536}), "");
}

TEST(GpuPlans, NumbersOutOfRange) {
  expectRanges<GpuPlan>(least, complaint<GpuPlan>,
                        {{"query_tile", &GpuPlan::queryTile, 256},
                         {"key_tile", &GpuPlan::keyTile, 256},
                         {"query_threads", &GpuPlan::queryThreads, 256},
                         {"key_threads", &GpuPlan::keyThreads, 256},
                         {"query_registers", &GpuPlan::queryRegisters, 16},
                         {"key_registers", &GpuPlan::keyRegisters, 16},
                         {"columns", &GpuPlan::columns, 16},
                         {"reduce_unroll", &GpuPlan::reduceUnroll, 16}});
}

TEST(GpuPlans, TilesThatDoNotNest) {
  GpuPlan plan = least;
  plan.queryTile = 12, plan.queryThreads = 4, plan.queryRegisters = 2;
  EXPECT_EQ(complaint(plan),
            "query_tile is 12, which is no multiple of query_threads * query_registers = 8");
  plan = least, plan.keyTile = 12, plan.keyThreads = 4, plan.keyRegisters = 2;
  EXPECT_EQ(complaint(plan),
            "key_tile is 12, which is no multiple of key_threads * key_registers = 8");
  plan = least, plan.keyTile = 10, plan.reduceUnroll = 4;
  EXPECT_EQ(complaint(plan), "key_tile is 10, which is no multiple of reduce_unroll = 4");
  plan = least, plan.keyTile = 4, plan.partKeys = 6;
  EXPECT_EQ(complaint(plan), "part_keys is 6, which is no multiple of key_tile = 4");
  plan = least, plan.partKeys = -1;
  EXPECT_EQ(complaint(plan), "part_keys is -1, but has to be from 0 to 65536");
}

TEST(GpuPlans, MoreThreadsThanABlockMayHave) {
  GpuPlan plan = least;
  plan.queryTile = plan.queryThreads = 64, plan.keyTile = plan.keyThreads = 32;
  EXPECT_EQ(complaint(plan), "query_threads times key_threads is 2048, more than the 1024 threads "
                             "a block may have");
}

TEST(GpuLayerPlans, LeastAndLargestAreLegal) {
  EXPECT_EQ(complaint(GpuLinearPlan{}), "");
  EXPECT_EQ(complaint(GpuLinearPlan{1, 1, 1, 1, 1, 1}), "");
  EXPECT_EQ(complaint(GpuLinearPlan{256, 4, 16, 16, 256, 16}), "");
  EXPECT_EQ(complaint(GpuRowsPlan{}), "");
  EXPECT_EQ(complaint(GpuRowsPlan{1, 1}), "");
  EXPECT_EQ(complaint(GpuRowsPlan{4, 256}), "");
}

TEST(GpuLayerPlans, WhatBreaksTheRules) {
  expectRanges<GpuLinearPlan>({1, 1, 1, 1, 1, 1}, complaint<GpuLinearPlan>,
                              {{"row_threads", &GpuLinearPlan::rowThreads, 256},
                               {"column_threads", &GpuLinearPlan::columnThreads, 256},
                               {"row_registers", &GpuLinearPlan::rowRegisters, 16},
                               {"column_registers", &GpuLinearPlan::columnRegisters, 16},
                               {"input_tile", &GpuLinearPlan::inputTile, 256},
                               {"reduce_unroll", &GpuLinearPlan::reduceUnroll, 16}});
  expectRanges<GpuRowsPlan>(
      {1, 1}, complaint<GpuRowsPlan>,
      {{"rows", &GpuRowsPlan::rows, 256}, {"column_threads", &GpuRowsPlan::columnThreads, 256}});
  EXPECT_EQ(complaint(GpuLinearPlan{.inputTile = 30, .reduceUnroll = 4}),
            "input_tile is 30, which is no multiple of reduce_unroll = 4");
  EXPECT_EQ(
      complaint(GpuLinearPlan{.rowThreads = 64, .columnThreads = 32}),
      "row_threads times column_threads is 2048, more than the 1024 threads a block may have");
  EXPECT_EQ(complaint(GpuRowsPlan{.rows = 16, .columnThreads = 128}),
            "rows times column_threads is 2048, more than the 1024 threads a block may have");
}
