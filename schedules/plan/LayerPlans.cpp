#include "schedules/plan/Plan.h"

namespace heed {
namespace {

constexpr int kMaximumRows = 65536; // of a task: loop bounds stay far from 2^31

llvm::Error outOfRange(const char *key, int value, int low, int high) {
  return llvm::createStringError("%s is %d, but has to be from %d to %d", key, value, low, high);
}

} // namespace

llvm::Error checkLinearPlan(const LinearPlan &plan, const TargetInfo &target) {
  if (plan.rowTile < 1 || plan.rowTile > 16)
    return outOfRange("row_tile", plan.rowTile, 1, 16);
  if (plan.columnVectors < 1 || plan.columnVectors > 16)
    return outOfRange("column_vectors", plan.columnVectors, 1, 16);
  if (plan.rowTile * plan.columnVectors > target.registers)
    return llvm::createStringError("row_tile %d times column_vectors %d is more than the %d "
                                   "registers of %s: lower one of them",
                                   plan.rowTile, plan.columnVectors, target.registers,
                                   target.name.c_str());
  if (plan.rowsPerTask < plan.rowTile || plan.rowsPerTask > kMaximumRows)
    return outOfRange("rows_per_task", plan.rowsPerTask, plan.rowTile, kMaximumRows);
  return llvm::Error::success();
}

llvm::Error checkRowwisePlan(const RowwisePlan &plan) {
  if (plan.columnVectors < 1 || plan.columnVectors > 16)
    return outOfRange("column_vectors", plan.columnVectors, 1, 16);
  if (plan.rowsPerTask < 1 || plan.rowsPerTask > kMaximumRows)
    return outOfRange("rows_per_task", plan.rowsPerTask, 1, kMaximumRows);
  return llvm::Error::success();
}

} // namespace heed
