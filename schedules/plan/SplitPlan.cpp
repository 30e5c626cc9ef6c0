#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {

llvm::Error checkSplitPlan(const SplitPlan &plan, const TargetInfo &target) {
  if (llvm::Error e = checkNumbers({{"part_keys", plan.partKeys, 1, 65536},
                                    {"key_tile", plan.keyTile, 1, 1024},
                                    {"key_heads", plan.keyHeads, 1, 1024},
                                    {"row_tile", plan.rowTile, 1, 16},
                                    {"key_unroll", plan.keyUnroll, 1, 16},
                                    {"column_vectors", plan.columnVectors, 1, 16},
                                    {"reduce_unroll", plan.reduceUnroll, 1, 16},
                                    {"keys_ahead", plan.keysAhead, 0, 4096}}))
    return e;
  if (llvm::Error e =
          checkMultiples({{"part_keys", plan.partKeys, "key_tile", plan.keyTile},
                          {"key_tile", plan.keyTile, "key_unroll", plan.keyUnroll},
                          {"key_tile", plan.keyTile, "reduce_unroll", plan.reduceUnroll}}))
    return e;
  int accumulators = plan.rowTile * std::max(plan.keyUnroll, plan.columnVectors);
  if (accumulators > target.registers)
    return llvm::createStringError(
        "row_tile times key_unroll or column_vectors is %d, more than the %d registers of %s",
        accumulators, target.registers, target.name.c_str());
  return llvm::Error::success();
}

} // namespace heed
