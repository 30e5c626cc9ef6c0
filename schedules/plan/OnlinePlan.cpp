#include "schedules/plan/Plan.h"

namespace heed {

llvm::Error checkOnlinePlan(const OnlinePlan &plan, const TargetInfo &target) {
  struct Bound {
    const char *key;
    int value, high;
  };
  for (const Bound &b :
       {Bound{"query_tile", plan.queryTile, 1024}, Bound{"key_tile", plan.keyTile, 1024},
        Bound{"edge_key_tile", plan.edgeKeyTile, 1024},
        Bound{"query_vectors", plan.queryVectors, 8}, Bound{"key_unroll", plan.keyUnroll, 16},
        Bound{"depth_unroll", plan.depthUnroll, 16}, Bound{"reduce_unroll", plan.reduceUnroll, 16}})
    if (b.value < 1 || b.value > b.high)
      return llvm::createStringError("%s is %d, but has to be from 1 to %d", b.key, b.value,
                                     b.high);

  auto divides = [](const char *key, int value, const char *by, int divisor) -> llvm::Error {
    if (value % divisor == 0)
      return llvm::Error::success();
    return llvm::createStringError("%s is %d, which is no multiple of %s = %d", key, value, by,
                                   divisor);
  };
  if (llvm::Error e = divides("query_tile", plan.queryTile, "lanes * query_vectors",
                              target.lanes * plan.queryVectors))
    return e;
  if (llvm::Error e = divides("key_tile", plan.keyTile, "edge_key_tile", plan.edgeKeyTile))
    return e;
  if (llvm::Error e = divides("edge_key_tile", plan.edgeKeyTile, "key_unroll", plan.keyUnroll))
    return e;
  if (llvm::Error e =
          divides("edge_key_tile", plan.edgeKeyTile, "reduce_unroll", plan.reduceUnroll))
    return e;
  int accumulators = plan.queryVectors * std::max(plan.keyUnroll, plan.depthUnroll);
  if (accumulators > target.registers)
    return llvm::createStringError(
        "query_vectors times key_unroll or depth_unroll is %d, more than the %d registers of %s",
        accumulators, target.registers, target.name.c_str());
  return llvm::Error::success();
}

} // namespace heed
