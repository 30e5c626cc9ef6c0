// An attention kernel, read from MLIR into what its graph is built from.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/Operands.h"
#include "compiler/graph/PairProgram.h"

namespace heed {

/// A region that holds an op no expression exists for is a diagnostic there. The program refers to
/// the kernel's regions: it lives no longer than the kernel.
mlir::FailureOr<PairProgram> readAttention(const AttentionView &view, const Operands &operands);

} // namespace heed
