#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {
namespace {

constexpr int kMaximumRows = 65536; // of a task: loop bounds stay far from 2^31

} // namespace

llvm::Error checkLinearPlan(const LinearPlan &plan, const TargetInfo &target) {
  if (llvm::Error e = checkNumbers(
          {{"row_tile", plan.rowTile, 1, 16}, {"column_vectors", plan.columnVectors, 1, 16}}))
    return e;
  if (plan.rowTile * plan.columnVectors > target.registers)
    return llvm::createStringError("row_tile %d times column_vectors %d is more than the %d "
                                   "registers of %s: lower one of them",
                                   plan.rowTile, plan.columnVectors, target.registers,
                                   target.name.c_str());
  return checkNumbers({{"rows_per_task", plan.rowsPerTask, plan.rowTile, kMaximumRows}});
}

llvm::Error checkRowwisePlan(const RowwisePlan &plan) {
  return checkNumbers({{"column_vectors", plan.columnVectors, 1, 16},
                       {"rows_per_task", plan.rowsPerTask, 1, kMaximumRows}});
}

llvm::Error checkMergePlan(const MergePlan &plan) {
  return checkNumbers({{"rows_per_task", plan.rowsPerTask, 1, kMaximumRows}});
}

} // namespace heed
