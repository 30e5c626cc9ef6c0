#include "schedules/plan/Plan.h"
#include "schedules/plan/Rules.h"

namespace heed {

llvm::Error checkOnlinePlan(const OnlinePlan &plan, const TargetInfo &target) {
  if (llvm::Error e = checkNumbers({{"query_tile", plan.queryTile, 1, 1024},
                                    {"task_tiles", plan.taskTiles, 1, 64},
                                    {"key_tile", plan.keyTile, 1, 1024},
                                    {"edge_key_tile", plan.edgeKeyTile, 1, 1024},
                                    {"query_vectors", plan.queryVectors, 1, 8},
                                    {"edge_vectors", plan.edgeVectors, 1, 8},
                                    {"key_unroll", plan.keyUnroll, 1, 16},
                                    {"depth_unroll", plan.depthUnroll, 1, 16},
                                    {"reduce_unroll", plan.reduceUnroll, 1, 16},
                                    {"turn", plan.turn, 1, 64}}))
    return e;
  if (llvm::Error e = checkPowerOfTwo("turn", plan.turn))
    return e;
  if (llvm::Error e =
          checkMultiples({{"query_tile", plan.queryTile, "lanes * query_vectors",
                           target.lanes * plan.queryVectors},
                          {"query_tile", plan.queryTile, "turn", plan.turn},
                          {"key_tile", plan.keyTile, "edge_key_tile", plan.edgeKeyTile},
                          {"edge_key_tile", plan.edgeKeyTile, "key_unroll", plan.keyUnroll},
                          {"edge_key_tile", plan.edgeKeyTile, "reduce_unroll", plan.reduceUnroll}}))
    return e;
  int accumulators = plan.queryVectors * std::max(plan.keyUnroll, plan.depthUnroll);
  if (accumulators > target.registers)
    return llvm::createStringError(
        "query_vectors times key_unroll or depth_unroll is %d, more than the %d registers of %s",
        accumulators, target.registers, target.name.c_str());
  return llvm::Error::success();
}

} // namespace heed
