#include "compiler/emit/PlanFile.h"
#include "compiler/emit/Programs.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

class PlanFiles : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(folder.create()); }

  llvm::Expected<PlanFile> read(const std::string &text) {
    llvm::cantFail(folder.write("plan.json", text));
    return PlanFile::read(folder.file("plan.json"));
  }
  std::string whyNot(const std::string &text) {
    llvm::Expected<PlanFile> plans = read(text);
    return plans ? "" : llvm::toString(plans.takeError());
  }
  static nlohmann::json json(int rowsPerTask) {
    return toJson({"x86-64-avx2", RowwisePlan{.columnVectors = 2, .rowsPerTask = rowsPerTask}});
  }

  TemporaryFolder folder;
  Plan rowwise{"x86-64-avx2", RowwisePlan{}}, linear{"x86-64-avx2", LinearPlan{}},
      sse{"x86-64-sse41", RowwisePlan{}};
};

std::vector<int> rowsOf(llvm::ArrayRef<PlanChoice> choices) {
  std::vector<int> rows;
  for (const PlanChoice &choice : choices)
    rows.push_back(std::get<RowwisePlan>(choice.plan.form).rowsPerTask);
  return rows;
}

TEST_F(PlanFiles, onePlanServesEveryKernelOfItsFormAndTarget) {
  PlanFile plans = *read(json(7).dump());
  std::vector<PlanChoice> chosen = plans.choose("norm", rowwise);
  EXPECT_THAT(rowsOf(chosen), ElementsAre(7));
  EXPECT_EQ(chosen[0].from, "plan.json");
  EXPECT_THAT(plans.choose("norm", sse), IsEmpty());
  EXPECT_THAT(plans.choose("up", linear), IsEmpty());
  EXPECT_EQ(plans.name(), "plan.json");
}

TEST_F(PlanFiles, anObjectGivesPlansByKernel) {
  PlanFile plans = *read(nlohmann::json{{"norm", {json(7), json(8)}}, {"embed", json(9)}}.dump());
  EXPECT_THAT(rowsOf(plans.choose("embed", rowwise)), ElementsAre(9));
  EXPECT_THAT(rowsOf(plans.choose("norm", rowwise)), ElementsAre(7));
  EXPECT_THAT(plans.choose("head", rowwise), IsEmpty());
}

TEST_F(PlanFiles, severalPlansServeTheirRangesUpToTheFirstThatServesAll) {
  nlohmann::json few = json(1), some = json(2);
  few["when"] = {{"rows", {1, 4}}};
  some["when"] = {{"rows", {5, nullptr}}};
  PlanFile plans = *read(nlohmann::json{few, some, json(3), json(4)}.dump());
  std::vector<PlanChoice> chosen = plans.choose("norm", rowwise);
  EXPECT_THAT(rowsOf(chosen), ElementsAre(1, 2, 3));
  EXPECT_THAT(chosen[0].when, ElementsAre(ExtentRange{"rows", 1, 4}));
  EXPECT_THAT(chosen[1].when, ElementsAre(ExtentRange{"rows", 5, ExtentRange::unlimited}));
  EXPECT_THAT(llvm::toString(plans.checkAllUsed()),
              HasSubstr("no kernel uses the plan of form 'rowwise' for x86-64-avx2"));
}

TEST_F(PlanFiles, aPlanThatNoKernelTakesIsAnError) {
  PlanFile plans = *read(nlohmann::json{{"nrom", json(7)}}.dump());
  EXPECT_THAT(plans.choose("norm", rowwise), IsEmpty());
  EXPECT_THAT(llvm::toString(plans.checkAllUsed()),
              EndsWith("plan.json: error: no kernel uses the plan for 'nrom' of form 'rowwise' for "
                       "x86-64-avx2: is the target among --target, is there a kernel of this form "
                       "and name, and does no plan before it serve every shape?"));
  EXPECT_FALSE(PlanFile().checkAllUsed());
}

TEST_F(PlanFiles, errorsSayWhere) {
  EXPECT_THAT(whyNot("{\n  \"target\": \"x86-64-avx2\",\n  \"form\""),
              HasSubstr("plan.json:3:9: error: this is no JSON: "));
  EXPECT_THAT(whyNot(""), HasSubstr("plan.json:1:1: error: this is no JSON: "));
  EXPECT_THAT(whyNot("\xff\xfe"), HasSubstr("plan.json:1:1: error: this is no JSON: "));
  EXPECT_THAT(whyNot("3"), HasSubstr("plan.json: error: a plan has to be a JSON object"));
  EXPECT_THAT(whyNot("{\"up\": [{\"target\": \"x86-64-avx2\"}]}"),
              HasSubstr("plan.json: error: kernel 'up': the key form is missing"));
  EXPECT_THAT(whyNot("[[]]"), HasSubstr("a plan has to be a JSON object"));
  EXPECT_THAT(llvm::toString(PlanFile::read("/nowhere/plan.json").takeError()),
              HasSubstr("cannot read the plan /nowhere/plan.json: No such file or directory"));
  EXPECT_THAT(llvm::toString(PlanFile::read("/tmp").takeError()),
              HasSubstr("cannot read the plan /tmp: Is a directory"));
}

TEST_F(PlanFiles, hostileNestingIsAnError) {
  std::string deep(100000, '[');
  EXPECT_THAT(whyNot(deep + std::string(100000, ']')),
              HasSubstr("brackets nest deeper than in any such file"));
}

} // namespace
