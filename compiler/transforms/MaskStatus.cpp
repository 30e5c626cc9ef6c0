// attn-mask-status: see Passes.td.
#include "compiler/evaluate/StatusDomain.h"
#include "compiler/transforms/Passes.h"

namespace heed {
#define GEN_PASS_DEF_MASKSTATUS
#include "compiler/transforms/Passes.h.inc"
} // namespace heed

using namespace mlir;
using namespace heed;
using namespace heed::attn;

static void addStatus(MaskOp mask) {
  Region &status = mask.getStatus();
  status.getBlocks().clear();
  Block &block = status.emplaceBlock();
  Type index = IndexType::get(mask.getContext());
  for (int i = 0; i < 6; ++i) // batch, head, first, last, first_key, last_key
    block.addArgument(index, mask.getLoc());
  for (BlockArgument capture : mask.getCaptureArguments())
    block.addArgument(capture.getType(), capture.getLoc());
  auto mayAndAll = evaluateStatus(mask, &block);
  if (failed(mayAndAll))
    return status.getBlocks().clear();
  OpBuilder builder = OpBuilder::atBlockEnd(&block);
  YieldOp::create(builder, mask.getLoc(), ValueRange(*mayAndAll));
}

namespace {
struct MaskStatus : heed::impl::MaskStatusBase<MaskStatus> {
  void runOnOperation() override {
    for (auto mask : getOperation().getBody().getOps<MaskOp>())
      if (mask.getRanges().empty() || leavesUndecided(mask))
        addStatus(mask);
  }
};
} // namespace
