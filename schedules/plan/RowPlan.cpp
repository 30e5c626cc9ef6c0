#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {

llvm::Error checkRowPlan(const RowPlan &plan, const TargetInfo &target) {
  if (llvm::Error e = checkNumbers({{"query_tile", plan.queryTile, 1, 1024},
                                    {"key_tile", plan.keyTile, 1, 1024},
                                    {"key_unroll", plan.keyUnroll, 1, 16},
                                    {"depth_unroll", plan.depthUnroll, 1, 16},
                                    {"turn", plan.turn, 1, 64}}))
    return e;
  if (llvm::Error e = checkPowerOfTwo("turn", plan.turn))
    return e;
  if (llvm::Error e = checkMultiples({{"query_tile", plan.queryTile, "lanes", target.lanes},
                                      {"query_tile", plan.queryTile, "turn", plan.turn},
                                      {"key_tile", plan.keyTile, "key_unroll", plan.keyUnroll}}))
    return e;
  int accumulators = plan.queryTile / target.lanes * std::max(plan.keyUnroll, plan.depthUnroll);
  if (accumulators > target.registers)
    return llvm::createStringError(
        "query_tile / lanes times key_unroll or depth_unroll is %d, more "
        "than the %d registers of %s",
        accumulators, target.registers, target.name.c_str());
  return llvm::Error::success();
}

} // namespace heed
