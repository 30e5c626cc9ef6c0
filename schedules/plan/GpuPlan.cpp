#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {

llvm::Error checkGpuPlan(const GpuPlan &plan) {
  if (llvm::Error e = checkNumbers({{"query_tile", plan.queryTile, 1, 256},
                                    {"key_tile", plan.keyTile, 1, 256},
                                    {"query_threads", plan.queryThreads, 1, 256},
                                    {"key_threads", plan.keyThreads, 1, 256},
                                    {"query_registers", plan.queryRegisters, 1, 16},
                                    {"key_registers", plan.keyRegisters, 1, 16},
                                    {"columns", plan.columns, 1, 16},
                                    {"reduce_unroll", plan.reduceUnroll, 1, 16}}))
    return e;
  if (llvm::Error e =
          checkMultiples({{"query_tile", plan.queryTile, "query_threads * query_registers",
                           plan.queryThreads * plan.queryRegisters},
                          {"key_tile", plan.keyTile, "key_threads * key_registers",
                           plan.keyThreads * plan.keyRegisters},
                          {"key_tile", plan.keyTile, "reduce_unroll", plan.reduceUnroll}}))
    return e;
  int threads = plan.queryThreads * plan.keyThreads;
  if (threads > 1024)
    return llvm::createStringError(
        "query_threads times key_threads is %d, more than the 1024 threads a block may have",
        threads);
  return llvm::Error::success();
}

} // namespace heed
