// The reference: whole kernels in float64, straight from their definition. Optimized for
// readability; every kernel that Heed generates is tested against it.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Array.h"

namespace heed {

/// The results of `kernel` for `inputs`, one for each argument, as docs/architecture.md defines
/// them. Linear kernels take their weights unpacked. A diagnostic at the kernel where the inputs
/// don't fit its signature: their number, extents, lengths or indices.
mlir::FailureOr<std::vector<Array>> interpret(attn::KernelOp kernel, llvm::ArrayRef<Array> inputs);

/// Results of kernels of each kind for inputs that fit; for interpret().
mlir::FailureOr<std::vector<Array>> interpretAttention(AttentionView view,
                                                       llvm::ArrayRef<Array> inputs);
mlir::FailureOr<std::vector<Array>> interpretLinear(LinearView view, llvm::ArrayRef<Array> inputs);
mlir::FailureOr<std::vector<Array>> interpretRowwise(RowwiseView view, llvm::ArrayRef<Array> inputs,
                                                     int64_t rows);

} // namespace heed
