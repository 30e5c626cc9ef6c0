// The reference: whole kernels in float64, straight from their definition. Optimized for
// readability; every kernel that Heed generates is tested against it.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Tensors.h"

#include <limits>

namespace heed {

/// The results of `kernel` for `inputs`, one for each argument, as AttnOps.td defines them: in
/// float64, rounded to no tensor's type. Linear kernels take their weights unpacked. A diagnostic
/// at the kernel where the inputs don't fit its signature: their number, extents, lengths, indices
/// or segments.
mlir::FailureOr<std::vector<Array>> interpret(attn::KernelOp kernel, llvm::ArrayRef<Array> inputs);

/// `inputs`, and what the kernel's rowwise and project ops make of them.
mlir::FailureOr<Tensors> withOperands(const AttentionView &view, Tensors inputs);

/// Queries [first, last), as far as there are any.
struct QueryRange {
  int64_t first = 0, last = std::numeric_limits<int64_t>::max();
};

/// Results of kernels of each kind for inputs that fit; for interpret(). Of an attention kernel,
/// results with a query axis may hold some of the queries only, and key sums those of these: a few
/// rows take a moment where all would take minutes.
mlir::FailureOr<std::vector<Array>>
interpretAttention(const AttentionView &view, const Tensors &inputs, QueryRange queries = {});
mlir::FailureOr<std::vector<Array>> interpretMerge(MergeView view, Tensors tensors);
mlir::FailureOr<std::vector<Array>> interpretLinear(LinearView view, const Tensors &tensors);
mlir::FailureOr<std::vector<Array>> interpretRowwise(RowwiseView view, const Tensors &tensors,
                                                     std::vector<int64_t> shape);

} // namespace heed
