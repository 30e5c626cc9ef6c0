#include "compiler/emit/PlanFile.h"
#include "compiler/emit/Programs.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace heed;
using ::testing::EndsWith;
using ::testing::HasSubstr;

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

int rowsOf(const Plan &plan) { return std::get<RowwisePlan>(plan.form).rowsPerTask; }

TEST_F(PlanFiles, onePlanServesEveryKernelOfItsFormAndTarget) {
  PlanFile plans = *read(json(7).dump());
  EXPECT_TRUE(plans.choose("norm", rowwise));
  EXPECT_EQ(rowsOf(rowwise), 7);
  EXPECT_FALSE(plans.choose("norm", sse));
  EXPECT_FALSE(plans.choose("up", linear));
  EXPECT_EQ(linear, (Plan{"x86-64-avx2", LinearPlan{}}));
  EXPECT_EQ(plans.name(), "plan.json");
}

TEST_F(PlanFiles, anObjectGivesPlansByKernel) {
  PlanFile plans = *read(nlohmann::json{{"norm", {json(7), json(8)}}, {"embed", json(9)}}.dump());
  Plan other = rowwise, third = rowwise;
  EXPECT_TRUE(plans.choose("embed", rowwise));
  EXPECT_EQ(rowsOf(rowwise), 9);
  EXPECT_TRUE(plans.choose("norm", other));
  EXPECT_EQ(rowsOf(other), 7);
  EXPECT_FALSE(plans.choose("head", third));
}

TEST_F(PlanFiles, aPlanThatNoKernelTakesIsAnError) {
  PlanFile plans = *read(nlohmann::json{{"nrom", json(7)}}.dump());
  EXPECT_FALSE(plans.choose("norm", rowwise));
  EXPECT_THAT(llvm::toString(plans.checkAllUsed()),
              EndsWith("plan.json: error: no kernel uses the plan for 'nrom' of form 'rowwise' for "
                       "x86-64-avx2: is the "
                       "target among --target, and is there a kernel of this form and name?"));
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
              HasSubstr("brackets nest deeper than in any plan"));
}

} // namespace
