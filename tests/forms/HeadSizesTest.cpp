// Head sizes from 1 to 576, odd ones and values of another size, in every form.
#include "tests/forms/Run.h"

#include <cmath>

using namespace heed;
using namespace heed::test;

namespace {

struct Sizes {
  int64_t dim, valueDim;
};

/// Against the reference: more queries and keys than a tile has, neither a multiple of anything.
void check(Sizes sizes, const std::function<Plan(attn::KernelOp)> &plan) {
  Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = sizes.dim, .valueDim = sizes.valueDim});
  a.mask([](Position p) { return p.key <= p.place(); });
  Compiled kernel(a.text(), plan);
  std::vector<Array> inputs = {wholeNumbers({1, 5, 2, sizes.dim}, 1),
                               wholeNumbers({1, 11, 1, sizes.dim}, 2),
                               wholeNumbers({1, 11, 1, sizes.valueDim}, 3)};
  Array actual = kernel.run(inputs)[0], expected = kernel.expected(inputs)[0];
  expectNear(actual, expected);
}

void checkSmall(Sizes sizes) {
  for (const Plan &plan : smallPlans()) {
    SCOPED_TRACE(std::string(formName(plan)) + ", " + std::to_string(sizes.dim) + " and " +
                 std::to_string(sizes.valueDim));
    check(sizes, [&](attn::KernelOp) { return plan; });
  }
}

} // namespace

TEST(HeadSizes, OfEveryKindInEveryForm) {
  for (Sizes sizes : {Sizes{1, 1}, {1, 576}, {7, 5}, {33, 96}, {127, 129}, {575, 511}})
    checkSmall(sizes);
}

// Neither register tiles nor vectors divide the first; the second is that of multi-head latent
// attention.
TEST(HeadSizes, UnderTheDefaultPlans) {
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  for (Sizes sizes : {Sizes{67, 45}, {576, 512}})
    for (size_t form : {0, 1, 2}) {
      SCOPED_TRACE(std::to_string(sizes.dim) + " and " + std::to_string(sizes.valueDim));
      check(sizes, [&](attn::KernelOp kernel) { return startingPlans(kernel, host)->at(form); });
    }
}

// Ten minutes: --gtest_also_run_disabled_tests.
TEST(HeadSizes, DISABLED_All) {
  for (int64_t dim = 1; dim <= 576; dim++)
    checkSmall({dim, 1 + dim * 251 % 576}); // every value size once
}

// Of a row's last group of columns just one is stored: with two bytes each what follows it, here
// the end of the tensor, stays as it is.
TEST(HeadSizes, OneColumnMoreThanAreTurnedAtATime) {
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  auto withTurn = [&](Plan plan) {
    if (auto *online = std::get_if<OnlinePlan>(&plan.form))
      online->turn = 4;
    if (auto *row = std::get_if<RowPlan>(&plan.form))
      row->turn = 4;
    return plan;
  };
  for (Storage stored : {Storage::BF16, Storage::F16})
    for (size_t form : {0, 1, 2}) {
      Attention a("k", {.heads = 1, .keyHeads = 1, .headDim = 3, .valueDim = 197, .query = stored});
      Compiled kernel(a.text(), [&](attn::KernelOp kernel) {
        return withTurn(startingPlans(kernel, host)->at(form));
      });
      std::vector<Array> inputs = {wholeNumbers({1, 3, 1, 3}, 1), wholeNumbers({1, 7, 1, 3}, 2),
                                   wholeNumbers({1, 7, 1, 197}, 3)};
      Array actual = kernel.run(inputs)[0], expected = kernel.expected(inputs)[0];
      for (size_t i = 0; i < actual.values.size(); i++)
        ASSERT_NEAR(actual.values[i], expected.values[i], 0.02) << "form " << form;
    }
}
