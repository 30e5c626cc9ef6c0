// Which plans of linear and rowwise kernels are legal, and what is said of those that are not.
#include "schedules/plan/Plan.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

const TargetInfo kSmall{"small", "x86-64-linux", 4, 16, 0};

std::string complaint(const LinearPlan &plan) {
  return llvm::toString(checkLinearPlan(plan, kSmall));
}
std::string complaint(const RowwisePlan &plan) { return llvm::toString(checkRowwisePlan(plan)); }

TEST(LayerPlans, LegalOnesPass) {
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 4, .columnVectors = 4, .rowsPerTask = 4}), "");
  EXPECT_EQ(complaint(RowwisePlan{.columnVectors = 16, .rowsPerTask = 1}), "");
}

TEST(LayerPlans, NumbersOutOfRange) {
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 0}), "row_tile is 0, but has to be from 1 to 16");
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 17}), "row_tile is 17, but has to be from 1 to 16");
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 1, .columnVectors = 17}),
            "column_vectors is 17, but has to be from 1 to 16");
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 4, .columnVectors = 3, .rowsPerTask = 3}),
            "rows_per_task is 3, but has to be from 4 to 65536");
  EXPECT_EQ(complaint(RowwisePlan{.columnVectors = 0}),
            "column_vectors is 0, but has to be from 1 to 16");
  EXPECT_EQ(complaint(RowwisePlan{.rowsPerTask = 65537}),
            "rows_per_task is 65537, but has to be from 1 to 65536");
}

TEST(LayerPlans, TilesThatDoNotFitTheRegisters) {
  EXPECT_EQ(complaint(LinearPlan{.rowTile = 6, .columnVectors = 3}),
            "row_tile 6 times column_vectors 3 is more than the 16 registers of small: lower one "
            "of them");
}

} // namespace
} // namespace heed
