// What kind a kernel is and where its parts are: read-only. A kernel that verifies can be viewed,
// so only the verifier ever sees these fail; the diagnostics say which op breaks the shape and how
// to mend it.
#pragma once

#include "compiler/dialect/Attn.h"

namespace heed {

enum class KernelKind { Attention, Linear, Rowwise };

/// From the op that gives the kernel's first result.
KernelKind kindOf(attn::KernelOp kernel);

struct AttentionView {
  attn::KernelOp kernel;
  attn::ScoreOp score;
  llvm::SmallVector<attn::ModifyOp> modifies; ///< in the order they apply
  llvm::SmallVector<attn::MaskOp> masks;
  attn::NormalizeOp normalize;
  attn::WeightedSumOp sum;
  attn::LogSumExpOp logSumExp; ///< null where it is no result
  bool returnsWeights = false;
  mlir::Value keyLengths, queryLengths, queryOffsets; ///< kernel arguments, or null
  int64_t dim = 0, valueDim = 0;
  double scale = 1;
};

struct LinearView {
  attn::KernelOp kernel;
  attn::LinearOp linear;
  int64_t inputs = 0, outputs = 0;
};

struct RowwiseView {
  attn::KernelOp kernel;
  attn::RowwiseOp rowwise;
  int64_t columns = 0;
};

mlir::FailureOr<AttentionView> viewAttention(attn::KernelOp kernel);
mlir::FailureOr<LinearView> viewLinear(attn::KernelOp kernel);
mlir::FailureOr<RowwiseView> viewRowwise(attn::KernelOp kernel);

/// Views the kernel as what it is.
mlir::LogicalResult viewKernel(attn::KernelOp kernel);

} // namespace heed
