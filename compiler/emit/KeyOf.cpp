#include "compiler/emit/KeyOf.h"
#include "compiler/dialect/KernelView.h"
#include "schedules/families/AttentionEntries.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using mlir::failed;
using mlir::failure;
using mlir::FailureOr;

namespace heed {
namespace {

std::string typeText(mlir::Type element) {
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return text == "ui8" || text == "i1" ? "u8" : text;
}

mlir::RankedTensorType tensor(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

std::string elementOf(mlir::Value value) { return typeText(tensor(value).getElementType()); }

/// Only where both numbers of heads are fixed.
int64_t groupOf(const AttentionView &view) {
  auto query = tensor(view.query), key = tensor(view.key);
  return query.isDynamicDim(2) || key.isDynamicDim(2) ? 0 : query.getDimSize(2) / key.getDimSize(2);
}

/// Whether its ranges say all, without looking anything up.
bool isBand(attn::MaskOp mask) {
  return !mask.getRanges().empty() && mask.getStatus().empty() &&
         mask.getRanges().getOps<attn::SegmentBeginOp>().empty() &&
         mask.getRanges().getOps<attn::SegmentEndOp>().empty();
}

std::string maskClass(const AttentionView &view) {
  if (view.masks.empty())
    return "none";
  return llvm::all_of(view.masks, isBand) ? "band" : "data";
}

/// What a lane spends several instructions or a long latency on.
bool isCostly(mlir::Operation &op) {
  return llvm::isa<mlir::arith::DivFOp, mlir::arith::RemSIOp, mlir::arith::DivSIOp,
                   mlir::math::ExpOp, mlir::math::Exp2Op, mlir::math::LogOp, mlir::math::Log2Op,
                   mlir::math::PowFOp, mlir::math::SqrtOp, mlir::math::RsqrtOp, mlir::math::TanhOp,
                   mlir::math::ErfOp, mlir::math::SinOp, mlir::math::CosOp>(op);
}

std::string modifyClass(const AttentionView &view) {
  std::string found = "none";
  for (attn::ModifyOp modify : view.modifies) {
    if (llvm::any_of(modify.getBody().front(), isCostly))
      return "costly";
    found = "cheap";
  }
  return found;
}

std::string resultsOf(const AttentionView &view) {
  if (view.isPartial())
    return "state";
  if (view.returnsKeys())
    return "keys";
  return view.results.size() > 1 ? "log_sum_exp" : "output";
}

FailureOr<KernelKey> attentionKey(attn::KernelOp kernel) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  FailureOr<std::string> reason = needsRow(kernel);
  if (failed(view) || failed(reason))
    return failure();
  attn::ScoreOp score = view->score;
  std::vector<std::string> types{elementOf(view->query), elementOf(view->key),
                                 elementOf(view->value), elementOf(view->results.front())};
  if (view->hasCoarseWeights())
    types.push_back("bf16");
  return KernelKey{.kind = "attention",
                   .types = types,
                   .dim = view->dim,
                   .valueDim = view->valueDim,
                   .group = groupOf(*view),
                   .score = score.getKind() == attn::ScoreKind::Pairwise ? "pairwise" : "dot",
                   .operands = view->operands.empty() ? "stored" : "made",
                   .mask = maskClass(*view),
                   .modify = modifyClass(*view),
                   .results = resultsOf(*view),
                   .wholeRow = !reason->empty()};
}

/// Of a layer or merge: types of its first argument and result, and sizes.
KernelKey layerKey(const char *kind, attn::KernelOp kernel, int64_t dim, int64_t valueDim) {
  KernelKey key;
  key.kind = kind;
  mlir::Operation *end = kernel.getBody().front().getTerminator();
  if (kernel.getBody().getNumArguments() > 0)
    key.types.push_back(elementOf(kernel.getBody().getArgument(0)));
  key.types.push_back(elementOf(end->getOperand(0)));
  key.dim = dim;
  key.valueDim = valueDim;
  return key;
}

} // namespace

FailureOr<KernelKey> keyOf(attn::KernelOp kernel) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return attentionKey(kernel);
  case KernelKind::Merge: {
    int64_t columns = tensor(kernel.getBody().getArgument(0)).getShape().back();
    return layerKey("merge", kernel, columns, columns);
  }
  case KernelKind::Linear: {
    FailureOr<LinearView> view = viewLinear(kernel);
    if (failed(view))
      return failure();
    return layerKey("linear", kernel, view->inputs, view->outputs);
  }
  case KernelKind::Rowwise: {
    FailureOr<RowwiseView> view = viewRowwise(kernel);
    if (failed(view))
      return failure();
    return layerKey("rowwise", kernel, view->columns, view->columns);
  }
  }
  llvm_unreachable("a kind");
}

} // namespace heed
