// A merge kernel, read from MLIR into what its graph is built from.
#pragma once

#include "compiler/dialect/KernelView.h"
#include "compiler/graph/Merge.h"
#include "compiler/graph/Operands.h"

namespace heed {

/// As readAttention. A finish of a merge has one normalizer: that of the finish.
mlir::FailureOr<MergeProgram> readMerge(const MergeView &view, const Operands &operands);

} // namespace heed
