#include "schedules/table/Choose.h"
#include "tests/unit/table/Entries.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

std::vector<PlanChoice> choose(std::vector<TableEntry> entries, KernelKey kernel = attentionKey()) {
  return chooseFromTables(tableOf(std::move(entries)), kernel, "x86-64-avx2");
}

TEST(Choices, noEntryNoChoice) {
  EXPECT_THAT(choose({}), IsEmpty());
  KernelKey row = attentionKey();
  row.wholeRow = true;
  EXPECT_THAT(choose({entryAt(128, 128, onlinePlan(64))}, row), IsEmpty());
  EXPECT_THAT(
      chooseFromTables(tableOf({entryAt(1, 1, onlinePlan(64))}), attentionKey(), "x86-64-sse41"),
      IsEmpty());
}

TEST(Choices, equalPlansMakeOneVariantForAllShapes) {
  auto choices = choose({entryAt(128, 128, onlinePlan(64)), entryAt(1024, 1024, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices[0].plan, onlinePlan(64));
  EXPECT_THAT(choices[0].when, IsEmpty());
  EXPECT_EQ(choices[0].from, "own.json, tuned at 2 shapes");
  EXPECT_EQ(choices[0].machine, "Some CPU");
}

TEST(Choices, theThresholdIsTheGeometricMeanOfNeighbours) {
  auto choices = choose({entryAt(16, 4096, onlinePlan(16)), entryAt(64, 4096, onlinePlan(16)),
                         entryAt(256, 4096, onlinePlan(64)), entryAt(1024, 4096, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].plan, onlinePlan(16));
  EXPECT_THAT(choices[0].when, ElementsAre(ExtentRange{"queries", 0, 128}));
  EXPECT_EQ(choices[1].plan, onlinePlan(64));
  EXPECT_THAT(choices[1].when, IsEmpty());
}

// Every tuned shape gets the plan that was best there, whatever the plans are.
TEST(Choices, tunedShapesGetTheirPlans) {
  const int64_t extents[] = {1, 7, 64, 100, 2048};
  for (unsigned seed = 1; seed < 200; ++seed) {
    std::vector<TableEntry> entries;
    unsigned state = seed;
    for (int64_t queries : extents)
      for (int64_t keys : extents) {
        state = state * 1664525 + 1013904223;
        entries.push_back(entryAt(queries, keys, onlinePlan(16 * (1 + (state >> 24) % 3))));
      }
    std::vector<PlanChoice> choices = choose(entries);
    EXPECT_THAT(choices.back().when, IsEmpty());
    for (const TableEntry &entry : entries)
      for (const PlanChoice &choice : choices) {
        auto holds = [&](const ExtentRange &r) { return r.holds(entry.shape.at(r.extent)); };
        if (!std::all_of(choice.when.begin(), choice.when.end(), holds))
          continue;
        EXPECT_EQ(choice.plan, entry.plan) << "seed " << seed;
        break;
      }
  }
}

TEST(Choices, theNearestKernelIsNamed) {
  KernelKey wide = attentionKey(), far = attentionKey();
  wide.dim = wide.valueDim = 96;
  far.dim = 512;
  auto choices =
      choose({entryAt(128, 128, onlinePlan(32), far), entryAt(9, 5, onlinePlan(64))}, wide);
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices[0].plan, onlinePlan(64));
  EXPECT_EQ(choices[0].from, "own.json, tuned for the nearest kernel (dim 64 for 96, value_dim 64 "
                             "for 96) at queries 9, keys 5, batch_heads 12");
}

TEST(Choices, earlierTablesHideShapesOfLaterOnes) {
  Table first = tableOf({entryAt(128, 128, onlinePlan(32))}),
        second = tableOf({entryAt(128, 128, onlinePlan(64)), entryAt(512, 128, onlinePlan(96))});
  auto choices = chooseFromTables({first, second}, attentionKey(), "x86-64-avx2");
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].plan, onlinePlan(32));
  EXPECT_EQ(choices[1].plan, onlinePlan(96));
}

class Regions : public ::testing::Test {
protected:
  PlanChoice few{onlinePlan(16), {{"queries", 0, 16}}}, all{onlinePlan(128)};

  std::vector<PlanChoice> with(std::vector<TableEntry> entries, KernelKey kernel = attentionKey()) {
    return chooseFromTables(tableOf(std::move(entries)), kernel, "x86-64-avx2", {few, all});
  }
};

TEST_F(Regions, aDefaultKeepsItsRangeWhereNothingInItWasTuned) {
  auto choices = with({entryAt(1024, 1024, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0], few);
  EXPECT_EQ(choices[1].plan, onlinePlan(64));
  EXPECT_THAT(choices[1].when, IsEmpty());
  choices = with({entryAt(1, 1024, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].plan, onlinePlan(64));
  EXPECT_EQ(choices[0].when, few.when);
  EXPECT_EQ(choices[1], all);
  EXPECT_THAT(with({}), IsEmpty());
}

TEST_F(Regions, thresholdsLieWithinThem) {
  auto choices = with({entryAt(1, 1024, onlinePlan(32)), entryAt(9, 1024, onlinePlan(48)),
                       entryAt(32, 1024, onlinePlan(48)), entryAt(128, 1024, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 4u);
  EXPECT_THAT(choices[0].when, ElementsAre(ExtentRange{"queries", 0, 3}));
  EXPECT_EQ(choices[1].plan, onlinePlan(48));
  EXPECT_THAT(choices[1].when, ElementsAre(ExtentRange{"queries", 4, 16}));
  EXPECT_EQ(choices[2].plan, onlinePlan(48));
  EXPECT_THAT(choices[2].when, ElementsAre(ExtentRange{"queries", 0, 64}));
  EXPECT_EQ(choices[3].plan, onlinePlan(64));
  EXPECT_THAT(choices[3].when, IsEmpty());
}

// The nearest kernel was tuned for single queries alone, another one for prompts.
TEST_F(Regions, eachHasANearestKernel) {
  KernelKey wide = attentionKey();
  wide.dim = wide.valueDim = 128;
  auto choices =
      with({entryAt(1, 1024, onlinePlan(32)), entryAt(1024, 1024, onlinePlan(64), wide)});
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_EQ(choices[0].plan, onlinePlan(32));
  EXPECT_EQ(choices[1].plan, onlinePlan(64));
  EXPECT_THAT(choices[1].from, HasSubstr("nearest kernel (dim 128 for 64"));
}

TEST_F(Regions, whatARowPlanLeavesKeepsItsDefault) {
  auto choices = with({entryAt(1, 100, rowPlan()), entryAt(1024, 1024, onlinePlan(64))});
  ASSERT_EQ(choices.size(), 3u);
  EXPECT_THAT(choices[0].when,
              ElementsAre(ExtentRange{"queries", 0, 16}, ExtentRange{"keys", 0, 200}));
  EXPECT_EQ(choices[1], few);
  EXPECT_EQ(choices[2].plan, onlinePlan(64));
}

// Where a kernel leaves its heads open, entries of every group are as near.
TEST_F(Regions, anOpenGroupTakesEntriesOfAll) {
  KernelKey four = attentionKey(), open = attentionKey();
  four.group = 4, open.group = 0;
  auto choices =
      with({entryAt(100, 128, onlinePlan(32)), entryAt(1024, 128, onlinePlan(64), four)}, open);
  ASSERT_EQ(choices.size(), 3u);
  EXPECT_EQ(choices[1].plan, onlinePlan(32));
  EXPECT_EQ(choices[2].plan, onlinePlan(64));
}

// Working memory may not grow with the length beyond what was tried.
TEST(Choices, aRowPlanServesTwiceTheKeysItWasTunedForAtMost) {
  auto alone = choose({entryAt(128, 100, rowPlan()), entryAt(128, 128, rowPlan())});
  ASSERT_EQ(alone.size(), 1u);
  EXPECT_THAT(alone[0].when, ElementsAre(ExtentRange{"keys", 0, 256}));

  auto both = choose({entryAt(128, 128, rowPlan()), entryAt(1024, 128, onlinePlan(64))});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_THAT(both[0].when,
              ElementsAre(ExtentRange{"queries", 0, 362}, ExtentRange{"keys", 0, 256}));
  EXPECT_THAT(both[1].when, IsEmpty());

  KernelKey whole = attentionKey();
  whole.wholeRow = true; // there is nothing else for it
  EXPECT_THAT(choose({entryAt(128, 128, rowPlan(), whole)}, whole).back().when, IsEmpty());
}

} // namespace
