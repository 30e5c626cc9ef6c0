#include "tools/heed-tune/Standings.h"
#include "tests/unit/tune/Trials.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;
using namespace heed::tune;
using ::testing::DoubleNear;

namespace {

TEST(StandingsTest, areOfRatiosToTheBest) {
  Standings standings;
  EXPECT_EQ(standings.best(), nullptr);
  EXPECT_EQ(standings.add(trialOf(32, 1.0)), 1.0);
  // The machine is half as fast for a while: 1.6 against 2.0 is a gain.
  EXPECT_THAT(standings.add(trialOf(64, 1.6, 2.0)), DoubleNear(0.8, 1e-12));
  EXPECT_EQ(standings.best()->plan, planOf(64));
  // And fast again: 0.9 against 0.8 is none.
  EXPECT_THAT(standings.add(trialOf(96, 0.9, 0.8)), DoubleNear(0.9, 1e-12));
  EXPECT_EQ(standings.best()->plan, planOf(64));
  EXPECT_THAT(standings.bestScore(), DoubleNear(0.8, 1e-12));
  EXPECT_EQ(standings.firstScore(), 1.0);
}

TEST(StandingsTest, leaveTheBestForNoLuckOfTheDraw) {
  Standings standings;
  standings.add(trialOf(32, 1.0));
  standings.add(trialOf(64, 0.997, 1.0));
  EXPECT_EQ(standings.best()->plan, planOf(32));
}

TEST(StandingsTest, knowTheFirstAsItWasLastTimed) {
  Standings standings;
  standings.add(trialOf(32, 1.0));
  standings.add(trialOf(64, 0.5, 1.0)); // lucky
  standings.add(trialOf(32, 1.01, 1.0));
  EXPECT_EQ(standings.best()->plan, planOf(64));
  EXPECT_THAT(standings.firstScore() / standings.bestScore(), DoubleNear(1.01, 1e-12));
}

TEST(StandingsTest, failuresNeverLead) {
  Standings standings;
  EXPECT_EQ(standings.add(trialOf(32, 0, 0, Outcome::Crashed)), INFINITY);
  EXPECT_EQ(standings.add(trialOf(32, 0, 0, Outcome::Wrong)), INFINITY);
  EXPECT_EQ(standings.best(), nullptr);
  standings.add(trialOf(64, 1.0));
  EXPECT_EQ(standings.add(trialOf(96, 0.5, 1.0, Outcome::Slower)), 0.5);
  EXPECT_EQ(standings.best()->plan, planOf(64));
}

} // namespace
