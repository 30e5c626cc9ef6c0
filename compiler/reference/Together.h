// Regions whose value at one element depends on all elements: of a row, of a block of keys.
#pragma once

#include "compiler/reference/Tensors.h"

namespace heed {

/// What `region` yields at each of `elements`, which are the values of its arguments before the
/// captures. attn.row_sum, attn.block_max and attn.block_sum look at all of them.
mlir::FailureOr<std::vector<Numbers>>
evaluateTogether(mlir::Region &region, llvm::ArrayRef<Numbers> elements, Context<Number> context);

} // namespace heed
