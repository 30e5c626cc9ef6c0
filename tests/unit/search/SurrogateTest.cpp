#include "schedules/search/Surrogate.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;
using ::testing::DoubleNear;

namespace {

Plan plan(int keyTile, int queryTile = 64) {
  return {"x86-64-avx512", OnlinePlan{.queryTile = queryTile, .keyTile = keyTile}};
}

TEST(Surrogates, withoutSamplesTheModelDecides) {
  Surrogate nothing({});
  EXPECT_LT(nothing.predict(plan(64), 100), nothing.predict(plan(128), 200));
}

TEST(Surrogates, oneSampleGivesTheScale) {
  Surrogate surrogate({{plan(64), 0.5, 100}});
  EXPECT_THAT(surrogate.predict(plan(64), 100), DoubleNear(std::log(0.5), 0.05));
}

// Samples say that keys by 96 are best, and that the model, which likes small ones, is wrong.
TEST(Surrogates, measurementsOverruleTheModel) {
  std::vector<Sample> samples;
  for (int queryTile : {64, 128, 192})
    for (int keyTile : {32, 64, 128, 256})
      samples.push_back({plan(keyTile, queryTile), 1 + 0.5 * std::abs(std::log2(keyTile / 96.0)),
                         double(keyTile)});
  Surrogate surrogate(samples);
  for (int other : {32, 64, 256})
    EXPECT_LT(surrogate.predict(plan(96), 96), surrogate.predict(plan(other), other)) << other;
}

TEST(Surrogates, nearAFailureOthersMayFail) {
  std::vector<Sample> samples = {{plan(64), 1, 100}, {plan(128), INFINITY, 100}};
  Surrogate surrogate(samples);
  EXPECT_GT(surrogate.predict(plan(192), 100), surrogate.predict(plan(48), 100));
}

TEST(Surrogates, stepsAreOnTheKnobs) {
  EXPECT_EQ(stepsBetween(plan(64), plan(64)), 0);
  EXPECT_EQ(stepsBetween(plan(64), plan(96)), 1);
  EXPECT_EQ(stepsBetween(plan(64, 64), plan(48, 96)), 2);
  EXPECT_EQ(stepsBetween(plan(64), {"x86-64-avx512", RowPlan{}}), 100);
}

} // namespace
