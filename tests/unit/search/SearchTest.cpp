#include "schedules/search/Search.h"
#include "tests/unit/search/Problems.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

using namespace heed;

namespace {

Spaces spaces() {
  PlanUses uses = denseProblem().uses;
  return {Space({"x86-64-avx512", OnlinePlan{}}, uses), Space({"x86-64-avx512", RowPlan{}}, uses)};
}

/// A machine of another mind than the model: it likes 2 x 6 tiles, queries by 96 and keys by 192.
double secondsOf(const Plan &plan) {
  const auto *online = std::get_if<OnlinePlan>(&plan.form);
  if (!online)
    return 9;
  auto away = [](double value, double best) { return std::abs(std::log2(value / best)); };
  return 1 + 0.2 * away(online->queryTile, 96) + 0.1 * away(online->keyTile, 192) +
         0.3 * away(online->queryVectors, 2) + 0.2 * away(online->keyUnroll, 6) +
         0.2 * away(online->depthUnroll, 6) + 0.05 * away(online->edgeKeyTile, 24);
}

struct Outcome {
  double best = INFINITY;
  std::vector<Plan> proposals;
};

/// `count` proposals, results four proposals late, as if others were compiling.
Outcome run(Search &search, int count) {
  Outcome outcome;
  for (int i = 0; i < count; ++i) {
    std::optional<Plan> plan = search.propose();
    if (!plan)
      break;
    outcome.proposals.push_back(*plan);
    if (i < 4)
      continue;
    const Plan &done = outcome.proposals[i - 4];
    bool fails = i % 7 == 0;
    search.learn(done, fails ? INFINITY : secondsOf(done));
    outcome.best = std::min(outcome.best, fails ? INFINITY : secondsOf(done));
  }
  return outcome;
}

size_t distinct(const Outcome &outcome) {
  std::set<std::string> texts;
  for (const Plan &plan : outcome.proposals)
    texts.insert(toJson(plan).dump());
  return texts.size();
}

TEST(Searches, startWithTheDefaultsAndNeverRepeat) {
  for (auto make : {+[] { return guidedSearch(spaces(), denseProblem(), 1); },
                    +[] { return randomSearch(spaces(), 1); }}) {
    std::unique_ptr<Search> search = make();
    Outcome outcome = run(*search, 60);
    ASSERT_EQ(outcome.proposals.size(), 60u);
    EXPECT_EQ(outcome.proposals[0].form, decltype(Plan::form)(OnlinePlan{}));
    EXPECT_EQ(outcome.proposals[1].form, decltype(Plan::form)(RowPlan{}));
    EXPECT_EQ(distinct(outcome), 60u);
  }
}

TEST(Searches, areTheSameForTheSameSeed) {
  auto first = guidedSearch(spaces(), denseProblem(), 3),
       second = guidedSearch(spaces(), denseProblem(), 3);
  EXPECT_EQ(run(*first, 40).proposals, run(*second, 40).proposals);
}

// Among many seeds, on a machine that the model is wrong about. (Seen: 1.12 and 1.40.)
TEST(Searches, theGuidedOneIsAheadOfTheRandomOne) {
  double guided = 0, random = 0;
  for (unsigned seed = 1; seed <= 18; ++seed) {
    guided += run(*guidedSearch(spaces(), denseProblem(), seed), 60).best / 18;
    random += run(*randomSearch(spaces(), seed), 60).best / 18;
  }
  EXPECT_LT(guided - 1, 0.6 * (random - 1));
}

TEST(Searches, endWhereThereIsNothingLeft) {
  Spaces one = {Space({"x86-64-avx512", MergePlan{}})};
  std::unique_ptr<Search> search = guidedSearch(one, denseProblem(), 1);
  Outcome outcome = run(*search, 100);
  EXPECT_EQ(outcome.proposals.size(), 5u); // values of rows_per_task
}

} // namespace
