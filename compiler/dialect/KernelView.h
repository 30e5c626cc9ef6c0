// What kind a kernel is and where its parts are: read-only. A kernel that verifies can be viewed,
// so only the verifier ever sees these fail; the diagnostics say which op breaks the shape and how
// to mend it.
#pragma once

#include "compiler/dialect/Attn.h"

namespace heed {

enum class KernelKind { Attention, Merge, Linear, Rowwise };

/// From the op that gives the kernel's first result.
KernelKind kindOf(attn::KernelOp kernel);

struct AttentionView {
  attn::KernelOp kernel;
  llvm::SmallVector<mlir::Operation *>
      operands; ///< rowwise and project ops, in the order they stand
  attn::ScoreOp score;
  llvm::SmallVector<attn::ModifyOp> modifies; ///< in the order they apply
  llvm::SmallVector<attn::MaskOp> masks;
  attn::NormalizeOp normalize;
  mlir::Value query, key, value;          ///< kernel arguments, or results of `operands`
  mlir::Operation *sum = nullptr;         ///< weighted_sum or partial
  llvm::SmallVector<mlir::Value> results; ///< as returned: the sum's first
  mlir::Value keyLengths, queryLengths, queryOffsets; ///< kernel arguments, or null
  int64_t dim = 0, valueDim = 0;
  double scale = 1;

  bool isPartial() const { return llvm::isa<attn::PartialOp>(sum); }
  /// Whether weights may be rounded to bfloat16 where they multiply values.
  bool hasCoarseWeights() const {
    auto weighted = llvm::dyn_cast<attn::WeightedSumOp>(sum);
    return weighted && weighted.getWeightsAs();
  }
  /// The first result that an op of this type gives; null where none is.
  template <typename Op> Op result() const {
    for (mlir::Value value : results)
      if (auto op = value.getDefiningOp<Op>())
        return op;
    return nullptr;
  }
  /// Results that have a key axis: scores, weights, key sums.
  bool returnsKeys() const {
    return llvm::any_of(llvm::drop_begin(results), [](mlir::Value value) {
      return !value.getDefiningOp<attn::LogSumExpOp>();
    });
  }
};

/// merge, finish, or a finish of a merge: of the two at least one.
struct MergeView {
  attn::KernelOp kernel;
  attn::MergeOp merge;
  attn::FinishOp finish;
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
mlir::FailureOr<MergeView> viewMerge(attn::KernelOp kernel);
mlir::FailureOr<LinearView> viewLinear(attn::KernelOp kernel);
mlir::FailureOr<RowwiseView> viewRowwise(attn::KernelOp kernel);

/// Views the kernel as what it is.
mlir::LogicalResult viewKernel(attn::KernelOp kernel);

} // namespace heed
