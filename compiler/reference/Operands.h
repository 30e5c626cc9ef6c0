// What rowwise and project ops give.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Tensors.h"

namespace heed {

/// Every row of `op`. `context` says what its body sees, but for the captures, in a batch entry.
using Surroundings = std::function<void(Context<Number> &context, int64_t batch)>;
mlir::FailureOr<Array> evaluateRowwise(attn::RowwiseOp op, std::vector<int64_t> shape,
                                       const Tensors &tensors,
                                       const Surroundings &surroundings = {});

/// Arrays of zeros for what `view.operands` give: they have their extents.
mlir::LogicalResult shapeOperands(const AttentionView &view, Tensors &tensors);

/// Fills what shapeOperands made.
mlir::LogicalResult makeOperands(const AttentionView &view, Tensors &tensors,
                                 const Surroundings &surroundings);

} // namespace heed
