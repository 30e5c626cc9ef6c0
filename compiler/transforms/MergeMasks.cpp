// attn-merge-masks: see Passes.td.
#include "compiler/transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace heed {
#define GEN_PASS_DEF_MERGEMASKS
#include "compiler/transforms/Passes.h.inc"
} // namespace heed

using namespace mlir;
using namespace heed;
using namespace heed::attn;

/// Clones the body of `mask` to the end of `block`; returns what it yields. `captures` stand for
/// its own.
static Value appendBody(MaskOp mask, Block *block, ValueRange captures) {
  Block &body = mask.getBody().front();
  unsigned parameters = mask.getParameterNames().size();
  IRMapping mapping;
  mapping.map(body.getArguments().take_front(parameters),
              block->getArguments().take_front(parameters));
  mapping.map(body.getArguments().drop_front(parameters), captures);
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return mapping.lookup(body.getTerminator()->getOperand(0));
}

/// `first`, whose result only `second` uses, and `second` as one mask in the place of `second`.
static void merge(MaskOp first, MaskOp second) {
  OpBuilder builder(second);
  SmallVector<Value> captures(first.getCaptures());
  llvm::append_range(captures, second.getCaptures());
  auto merged = MaskOp::create(builder, second.getLoc(), first.getScores(), captures);

  Block &block = merged.getBody().emplaceBlock();
  Block &model = first.getBody().front();
  for (Value parameter : model.getArguments().take_front(first.getParameterNames().size()))
    block.addArgument(parameter.getType(), parameter.getLoc());
  for (Value capture : captures)
    block.addArgument(capture.getType(), merged.getLoc());

  auto arguments = merged.getCaptureArguments();
  Value keptByFirst = appendBody(first, &block, arguments.take_front(first.getCaptures().size()));
  Value keptBySecond = appendBody(second, &block, arguments.drop_front(first.getCaptures().size()));
  builder.setInsertionPointToEnd(&block);
  Value kept = arith::AndIOp::create(builder, merged.getLoc(), keptByFirst, keptBySecond);
  YieldOp::create(builder, merged.getLoc(), kept);

  second.replaceAllUsesWith(merged.getResult());
  second.erase();
  first.erase();
}

namespace {
struct MergeMasks : heed::impl::MergeMasksBase<MergeMasks> {
  void runOnOperation() override {
    SmallVector<MaskOp> masks(getOperation().getBody().getOps<MaskOp>());
    for (MaskOp second : masks)
      if (auto first = second.getScores().getDefiningOp<MaskOp>())
        if (first->hasOneUse()) // else it is a result, too
          merge(first, second);
  }
};
} // namespace
