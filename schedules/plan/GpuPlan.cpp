#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {

static llvm::Error checkThreads(const char *a, int countA, const char *b, int countB) {
  if (countA * countB > 1024)
    return llvm::createStringError("%s times %s is %d, more than the 1024 threads a block may have",
                                   a, b, countA * countB);
  return llvm::Error::success();
}

llvm::Error checkGpuPlan(const GpuPlan &plan) {
  if (llvm::Error e = checkNumbers({{"query_tile", plan.queryTile, 1, 256},
                                    {"key_tile", plan.keyTile, 1, 256},
                                    {"query_threads", plan.queryThreads, 1, 256},
                                    {"key_threads", plan.keyThreads, 1, 256},
                                    {"query_registers", plan.queryRegisters, 1, 16},
                                    {"key_registers", plan.keyRegisters, 1, 16},
                                    {"columns", plan.columns, 1, 16},
                                    {"reduce_unroll", plan.reduceUnroll, 1, 16},
                                    {"part_keys", plan.partKeys, 0, 65536}}))
    return e;
  if (llvm::Error e =
          checkMultiples({{"query_tile", plan.queryTile, "query_threads * query_registers",
                           plan.queryThreads * plan.queryRegisters},
                          {"key_tile", plan.keyTile, "key_threads * key_registers",
                           plan.keyThreads * plan.keyRegisters},
                          {"key_tile", plan.keyTile, "reduce_unroll", plan.reduceUnroll},
                          {"part_keys", plan.partKeys, "key_tile", plan.keyTile}}))
    return e;
  return checkThreads("query_threads", plan.queryThreads, "key_threads", plan.keyThreads);
}

llvm::Error checkGpuLinearPlan(const GpuLinearPlan &plan) {
  if (llvm::Error e = checkNumbers({{"row_threads", plan.rowThreads, 1, 256},
                                    {"column_threads", plan.columnThreads, 1, 256},
                                    {"row_registers", plan.rowRegisters, 1, 16},
                                    {"column_registers", plan.columnRegisters, 1, 16},
                                    {"input_tile", plan.inputTile, 1, 256},
                                    {"reduce_unroll", plan.reduceUnroll, 1, 16}}))
    return e;
  if (llvm::Error e =
          checkMultiples({{"input_tile", plan.inputTile, "reduce_unroll", plan.reduceUnroll}}))
    return e;
  return checkThreads("row_threads", plan.rowThreads, "column_threads", plan.columnThreads);
}

llvm::Error checkGpuRowsPlan(const GpuRowsPlan &plan) {
  if (llvm::Error e = checkNumbers(
          {{"rows", plan.rows, 1, 256}, {"column_threads", plan.columnThreads, 1, 256}}))
    return e;
  return checkThreads("rows", plan.rows, "column_threads", plan.columnThreads);
}

} // namespace heed
