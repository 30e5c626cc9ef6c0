#include "schedules/search/Space.h"

#include <gmock/gmock.h>

using namespace heed;

namespace {

const Plan start{"x86-64-avx512", OnlinePlan{}};

bool anything(const Plan &) { return true; }

bool isLegal(const Plan &plan) {
  llvm::Error error = checkPlan(plan);
  bool legal = !error;
  llvm::consumeError(std::move(error));
  return legal;
}

TEST(Spaces, randomPlansAreLegalAndMany) {
  Space space(start, anything);
  std::mt19937 dice(1);
  std::vector<Plan> seen;
  for (int i = 0; i < 200; ++i) {
    Plan plan = space.random(dice);
    EXPECT_TRUE(isLegal(plan));
    if (std::find(seen.begin(), seen.end(), plan) == seen.end())
      seen.push_back(plan);
  }
  EXPECT_GT(seen.size(), 150u);
}

TEST(Spaces, neighboursAreLegalAndDiffer) {
  Space space(start, anything);
  std::vector<Plan> near = space.neighbours(start);
  EXPECT_GT(near.size(), 8u);
  for (const Plan &plan : near) {
    EXPECT_TRUE(isLegal(plan));
    EXPECT_FALSE(plan == start);
    int changed = 0;
    for (const Knob *knob : knobsOf(start))
      changed += valueOf(plan, *knob) != valueOf(start, *knob);
    EXPECT_LE(changed, 2);
  }
}

TEST(Spaces, mutationsAreLegalAndDiffer) {
  Space space(start, anything);
  std::mt19937 dice(1);
  for (int i = 0; i < 100; ++i) {
    Plan plan = space.mutated(start, dice);
    EXPECT_TRUE(isLegal(plan));
    EXPECT_FALSE(plan == start);
  }
}

TEST(Spaces, whatIsRefusedIsNeverGiven) {
  Space space(start,
              [](const Plan &plan) { return std::get<OnlinePlan>(plan.form).keyTile == 64; });
  std::mt19937 dice(1);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(std::get<OnlinePlan>(space.random(dice).form).keyTile, 64);
  for (const Plan &plan : space.neighbours(start))
    EXPECT_EQ(std::get<OnlinePlan>(plan.form).keyTile, 64);
}

TEST(Spaces, whereNothingIsLegalTheStartRemains) {
  Space space(start, [](const Plan &) { return false; });
  std::mt19937 dice(1);
  EXPECT_EQ(space.random(dice), start);
  EXPECT_EQ(space.mutated(start, dice), start);
  EXPECT_TRUE(space.neighbours(start).empty());
}

} // namespace
