#include "schedules/search/Space.h"

#include <gmock/gmock.h>

#include <set>

using namespace heed;
using testing::ElementsAre;

namespace {

const Plan start{"x86-64-avx512", OnlinePlan{}};

const PlanUses dense{.edgeKeyTile = false, .taskTiles = false},
    sparse{.edgeKeyTile = true, .taskTiles = false},
    rotary{.edgeKeyTile = false, .taskTiles = true};

bool isLegal(const Plan &plan) {
  llvm::Error error = checkPlan(plan);
  bool legal = !error;
  llvm::consumeError(std::move(error));
  return legal;
}

TEST(Spaces, randomPlansAreLegalAndMany) {
  Space space(start, dense);
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
  Space space(start, sparse);
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
  Space space(start, rotary);
  std::mt19937 dice(1);
  for (int i = 0; i < 100; ++i) {
    Plan plan = space.mutated(start, dice);
    EXPECT_TRUE(isLegal(plan));
    EXPECT_FALSE(plan == start);
  }
}

const OnlinePlan &online(const Plan &plan) { return std::get<OnlinePlan>(plan.form); }

/// All values of one number among plans that `space` gives.
std::set<int> valuesOf(const Space &space, int OnlinePlan::*number) {
  std::mt19937 dice(1);
  std::set<int> values;
  for (int i = 0; i < 100; ++i)
    values.insert(online(space.random(dice)).*number);
  for (const Plan &plan : space.neighbours(space.start()))
    values.insert(online(plan).*number);
  return values;
}

TEST(Spaces, numbersWithoutUseHaveOneValue) {
  EXPECT_THAT(valuesOf(Space(start, dense), &OnlinePlan::taskTiles), ElementsAre(1));
  EXPECT_THAT(valuesOf(Space(start, sparse), &OnlinePlan::taskTiles), ElementsAre(1));
  EXPECT_THAT(valuesOf(Space(start, rotary), &OnlinePlan::taskTiles), ElementsAre(1, 2, 4, 8));
  EXPECT_GT(valuesOf(Space(start, sparse), &OnlinePlan::edgeKeyTile).size(), 6u);
}

TEST(Spaces, edgesWithoutUseFollowTheBlock) {
  Space space(start, dense);
  std::mt19937 dice(1);
  for (int i = 0; i < 100; ++i) {
    const OnlinePlan plan = online(space.random(dice));
    bool halves = plan.keyTile % 2 == 0 && plan.keyTile / 2 % plan.grain() == 0;
    EXPECT_EQ(plan.edgeKeyTile, halves ? plan.keyTile / 2 : plan.keyTile);
  }
}

TEST(Spaces, theDefaultIsWrittenAsItIs) {
  for (const PlanUses &uses : {dense, sparse, rotary})
    EXPECT_EQ(Space(start, uses).start(), start);
  Plan shared = start;
  std::get<OnlinePlan>(shared.form).taskTiles = 4;
  EXPECT_EQ(Space(shared, rotary).start(), shared);
}

} // namespace
