#include "schedules/plan/PlanChoice.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

const Plan plan{"x86-64-avx2", RowwisePlan{}};

std::string whyNot(const json &when) {
  json text = toJson(plan);
  text["when"] = when;
  llvm::Expected<PlanChoice> choice = choiceFromJson(text);
  return choice ? "" : llvm::toString(choice.takeError());
}

TEST(PlanChoices, survivesJson) {
  PlanChoice everything{plan}, few{plan, {{"keys", 512}, {"queries", 1, 32}}};
  EXPECT_EQ(choiceToJson(everything), toJson(plan));
  EXPECT_EQ(choiceToJson(few)["when"], (json{{"queries", {1, 32}}, {"keys", {512, nullptr}}}));
  for (const PlanChoice &choice : {everything, few}) {
    llvm::Expected<PlanChoice> again = choiceFromJson(choiceToJson(choice));
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(*again, choice);
  }
}

TEST(PlanChoices, badRangesAreErrorsThatNameThem) {
  const char *shape = "when: queries has to be [low, high], whole numbers, high null for no limit, "
                      "but is ";
  EXPECT_EQ(whyNot({{"queries", 3}}), std::string(shape) + "3");
  EXPECT_EQ(whyNot({{"queries", {1}}}), std::string(shape) + "[1]");
  EXPECT_EQ(whyNot({{"queries", {nullptr, 3}}}), std::string(shape) + "[null,3]");
  EXPECT_EQ(whyNot({{"queries", {-1, 3}}}), std::string(shape) + "[-1,3]");
  EXPECT_EQ(whyNot({{"queries", {1.5, 3}}}), std::string(shape) + "[1.5,3]");
  EXPECT_EQ(whyNot({{"queries", {1, 18446744073709551615u}}}),
            std::string(shape) + "[1,18446744073709551615]");
  EXPECT_EQ(whyNot({{"queries", {5, 3}}}),
            "when: queries is [5,3]: low is above high, so no shape is served");
  EXPECT_EQ(whyNot(3), "when has to be an object from extents to [low, high], but is 3");
}

TEST(PlanChoices, aBadPlanIsOneWithRangesToo) {
  EXPECT_THAT(llvm::toString(choiceFromJson({{"when", json::object()}}).takeError()),
              HasSubstr("the key target is missing"));
  EXPECT_THAT(llvm::toString(choiceFromJson(json::array()).takeError()),
              HasSubstr("a plan has to be a JSON object"));
}

TEST(PlanChoices, rangesAreToldInWords) {
  EXPECT_EQ(rangesText({}), "");
  EXPECT_EQ(rangesText({{"queries", 1, 1}}), "queries is 1");
  EXPECT_EQ(rangesText({{"queries", 1, 32}, {"keys", 512}}), "queries up to 32 and keys from 512");
  EXPECT_EQ(rangesText({{"batch_heads", 8, 9}}), "batch_heads from 8 to 9");
}

} // namespace
