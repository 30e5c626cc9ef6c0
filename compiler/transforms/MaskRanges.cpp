// attn-mask-ranges: see Passes.td.
#include "compiler/evaluate/IntervalDomain.h"
#include "compiler/transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace heed {
#define GEN_PASS_DEF_MASKRANGES
#include "compiler/transforms/Passes.h.inc"
} // namespace heed

using namespace mlir;
using namespace heed;
using namespace heed::attn;

static void addRanges(MaskOp mask) {
  mask.getRanges().getBlocks().clear();
  Block &block = mask.getRanges().emplaceBlock();
  for (BlockArgument argument :
       mask.getBody().getArguments()) // batch, head, first, last: all index
    block.addArgument(argument.getType(), argument.getLoc());
  SmallVector<Value> ranges = evaluateRanges(mask, &block);
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  YieldOp::create(builder, mask.getLoc(), ranges);
}

namespace {
struct MaskRanges : heed::impl::MaskRangesBase<MaskRanges> {
  void runOnOperation() override {
    for (auto mask : getOperation().getBody().getOps<MaskOp>())
      addRanges(mask);
  }
};
} // namespace
