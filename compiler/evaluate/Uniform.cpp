#include "compiler/evaluate/Uniform.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace heed {

IRMapping copyUniform(attn::MaskOp mask, Block *block) {
  Block &body = mask.getBody().front();
  unsigned captures = mask.getCaptures().size();
  IRMapping copies;
  copies.map(body.getArguments().take_front(2), block->getArguments().take_front(2));
  copies.map(body.getArguments().take_back(captures), block->getArguments().take_back(captures));
  OpBuilder builder = OpBuilder::atBlockEnd(block);
  for (Operation &op : body.without_terminator())
    if (llvm::all_of(op.getOperands(), [&](Value operand) { return copies.contains(operand); }))
      builder.clone(op, copies);
  return copies;
}

Value asIndex(Value integer) {
  if (integer.getType().isIndex())
    return integer;
  OpBuilder builder = OpBuilder::atBlockEnd(integer.getParentBlock());
  return builder.createOrFold<arith::IndexCastOp>(integer.getLoc(), builder.getIndexType(),
                                                  integer);
}

int64_t TreeSize::of(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return 1;
  auto [known, isNew] = sizes.try_emplace(op, 1);
  if (!isNew)
    return known->second;
  int64_t size = 1;
  for (Value operand : op->getOperands())
    size = std::min(size + of(operand), int64_t(1) << 40);
  return sizes[op] = size;
}

} // namespace heed
