#include "schedules/search/Knobs.h"

#include <gmock/gmock.h>

using namespace heed;

namespace {

/// A plan of every form.
std::vector<Plan> everyForm() {
  std::vector<Plan> plans;
  [&]<typename... Forms>(std::type_identity<std::variant<Forms...>>) {
    (plans.push_back({"x86-64-avx512", Forms()}), ...);
  }(std::type_identity<decltype(Plan::form)>());
  return plans;
}

TEST(Knobs, everyFieldOfEveryFormHasValuesToTry) {
  for (Plan plan : everyForm())
    for (const PlanField &field : fieldsOf(plan)) {
      auto isFor = [&](const Knob *knob) { return llvm::StringRef(knob->key) == field.key; };
      std::vector<const Knob *> knobs = knobsOf(plan);
      EXPECT_EQ(std::count_if(knobs.begin(), knobs.end(), isFor), 1)
          << formName(plan) << " " << field.key << ": add a row to schedules/search/Knobs.cpp";
    }
}

TEST(Knobs, everyRowIsAFieldAndAscends) {
  size_t rows = 0;
  for (Plan plan : everyForm())
    rows += knobsOf(plan).size();
  EXPECT_EQ(rows, allKnobs().size()) << "a row of a form that is none";
  for (Plan plan : everyForm())
    for (const Knob *knob : knobsOf(plan)) {
      EXPECT_GT(knob->values.size(), 1u);
      EXPECT_EQ(
          std::adjacent_find(knob->values.begin(), knob->values.end(), std::greater_equal<>()),
          knob->values.end())
          << knob->form << " " << knob->key;
      for (int value : knob->values) {
        setValue(plan, *knob, value);
        EXPECT_EQ(valueOf(plan, *knob), value) << knob->key;
      }
    }
}

TEST(Knobs, fieldsPointIntoThePlan) {
  Plan plan{"x86-64-avx512", LinearPlan{}};
  for (const PlanField &field : fieldsOf(plan))
    if (llvm::StringRef(field.key) == "prefetch")
      *std::get<bool *>(field.value) = false;
  EXPECT_FALSE(std::get<LinearPlan>(plan.form).prefetch);
}

} // namespace
