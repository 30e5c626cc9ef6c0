// How much work a case is.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Array.h"

namespace heed::bench {

/// The pairs of a query and a key that count, over all heads and batch entries: those that lengths
/// and the mask keep. `kernel` has been through the passes: its mask says by `ranges` which keys to
/// look at.
mlir::FailureOr<int64_t> countPairs(attn::KernelOp kernel, llvm::ArrayRef<Array> inputs);

} // namespace heed::bench
