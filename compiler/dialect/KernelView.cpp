#include "compiler/dialect/KernelView.h"

#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

static ReturnOp returnOf(KernelOp kernel) {
  return dyn_cast<ReturnOp>(kernel.getBody().front().getTerminator());
}

static Operation *mainOp(KernelOp kernel) {
  ReturnOp returned = returnOf(kernel);
  return returned && returned.getNumOperands() ? returned.getOperand(0).getDefiningOp() : nullptr;
}

KernelKind heed::kindOf(KernelOp kernel) {
  Operation *op = mainOp(kernel);
  if (isa_and_present<LinearOp>(op))
    return KernelKind::Linear;
  return isa_and_present<RowwiseOp>(op) ? KernelKind::Rowwise : KernelKind::Attention;
}

/// Walks from the results back and keeps count of the ops it met.
namespace {
class Chain {
public:
  explicit Chain(KernelOp kernel) : kernel(kernel) { met.insert(returnOf(kernel)); }

  /// The op of type `Op` that gives `value`, or a diagnostic at `user`.
  template <typename Op> Op follow(Value value, Operation *user) {
    auto op = value.getDefiningOp<Op>();
    if (op)
      met.insert(op);
    else
      user->emitOpError() << "needs the result of " << Op::getOperationName() << " here";
    return op;
  }

  /// (C5) `values` are distinct arguments of the kernel.
  LogicalResult expectArguments(Operation *op, ArrayRef<Value> values, StringRef names) {
    llvm::SmallPtrSet<Value, 4> distinct(values.begin(), values.end());
    if (llvm::all_of(values, llvm::IsaPred<BlockArgument>) && distinct.size() == values.size())
      return success();
    return op->emitOpError() << names << " must be distinct arguments of the kernel";
  }

  /// (C4) Every op was met; (C5) captures are arguments.
  LogicalResult finish() {
    for (Operation &op : kernel.getBody().front()) {
      if (!met.contains(&op))
        return op.emitOpError() << "takes no part in the results of kernel @" << kernel.getSymName()
                                << ": remove it or return what it gives";
      if (auto component = dyn_cast<Component>(op))
        if (!llvm::all_of(component.getCaptures(), llvm::IsaPred<BlockArgument>))
          return op.emitOpError("captures must be arguments of the kernel");
    }
    return success();
  }

private:
  KernelOp kernel;
  llvm::SmallPtrSet<Operation *, 16> met;
};
} // namespace

/// From the normalizer's scores back to the score: masks, then modifies.
static LogicalResult followScores(Chain &chain, AttentionView &view) {
  Operation *user = view.normalize;
  Value scores = view.normalize.getScores();
  while (scores.getDefiningOp<MaskOp>()) {
    view.masks.push_back(chain.follow<MaskOp>(scores, user));
    user = view.masks.back();
    scores = view.masks.back().getScores();
  }
  while (scores.getDefiningOp<ModifyOp>()) {
    view.modifies.push_back(chain.follow<ModifyOp>(scores, user));
    user = view.modifies.back();
    scores = view.modifies.back().getScores();
  }
  if (auto mask = scores.getDefiningOp<MaskOp>())
    return mask.emitOpError("stands before attn.modify: masks come after every modify");
  std::reverse(view.masks.begin(), view.masks.end());
  std::reverse(view.modifies.begin(), view.modifies.end());
  view.score = chain.follow<ScoreOp>(scores, user);
  return success(static_cast<bool>(view.score));
}

/// (C6) What stands after the output in the return.
static LogicalResult followResults(Chain &chain, AttentionView &view) {
  ReturnOp returned = returnOf(view.kernel);
  ValueRange rest = returned.getOperands().drop_front();
  if (!rest.empty() && (view.logSumExp = rest.front().getDefiningOp<LogSumExpOp>())) {
    chain.follow<LogSumExpOp>(rest.front(), returned);
    if (view.logSumExp.getScores() != view.normalize.getScores())
      return view.logSumExp.emitOpError("must take the scores that attn.normalize takes");
    rest = rest.drop_front();
  }
  if (!rest.empty() && rest.front() == view.normalize.getWeights()) {
    if (!view.logSumExp)
      return returned.emitOpError("returns the weights, which needs the log-sum-exp before them: "
                                  "return the result of attn.log_sum_exp second");
    view.returnsWeights = true;
    rest = rest.drop_front();
  }
  if (!rest.empty())
    return returned.emitOpError(
        "returns an output, then at most the log-sum-exp, then the weights");
  return success();
}

FailureOr<AttentionView> heed::viewAttention(KernelOp kernel) {
  AttentionView view;
  view.kernel = kernel;
  ReturnOp returned = returnOf(kernel);
  if (!returned || returned.getNumOperands() == 0)
    return kernel.emitOpError("must return a result: end it in attn.return");
  Chain chain(kernel);
  view.sum = chain.follow<WeightedSumOp>(returned.getOperand(0), returned);
  if (!view.sum)
    return failure();
  view.normalize = chain.follow<NormalizeOp>(view.sum.getWeights(), view.sum);
  if (!view.normalize || failed(followScores(chain, view)) || failed(followResults(chain, view)) ||
      failed(chain.finish()))
    return failure();
  if (failed(chain.expectArguments(
          view.sum, {view.score.getQuery(), view.score.getKey(), view.sum.getValue()},
          "query, key and value")))
    return failure();
  int64_t keyHeads = view.score.getKey().getType().getDimSize(2);
  int64_t valueHeads = view.sum.getValue().getType().getDimSize(2);
  if (keyHeads != valueHeads) // weighted_sum (C3)
    return view.sum.emitOpError("value must have as many heads as key");
  view.keyLengths = kernel.getArgumentWithRole(keyLengthsRole);
  view.queryLengths = kernel.getArgumentWithRole(queryLengthsRole);
  view.queryOffsets = kernel.getArgumentWithRole(queryOffsetsRole);
  view.dim = view.score.getQuery().getType().getDimSize(3);
  view.valueDim = view.sum.getValue().getType().getDimSize(3);
  view.scale = view.score.getScaleFactor();
  return view;
}

/// The one op of a kernel that is no attention.
template <typename Op> static Op viewSingle(KernelOp kernel, Chain &chain) {
  ReturnOp returned = returnOf(kernel);
  if (returned.getNumOperands() == 1)
    return chain.follow<Op>(returned.getOperand(0), returned);
  returned.emitOpError() << "returns one result in a kernel of " << Op::getOperationName();
  return nullptr;
}

FailureOr<LinearView> heed::viewLinear(KernelOp kernel) {
  Chain chain(kernel);
  auto linear = viewSingle<LinearOp>(kernel, chain);
  if (!linear || failed(chain.finish()))
    return failure();
  Value weights = linear.getWeights();
  if (failed(chain.expectArguments(linear, {linear.getInput(), weights}, "input and weights")))
    return failure();
  if (!weights.hasOneUse())
    return linear.emitOpError("weights are packed, so they can't be captured too");
  ArrayRef<int64_t> shape = linear.getWeights().getType().getShape();
  return LinearView{kernel, linear, shape[0], shape[1]};
}

FailureOr<RowwiseView> heed::viewRowwise(KernelOp kernel) {
  Chain chain(kernel);
  auto rowwise = viewSingle<RowwiseOp>(kernel, chain);
  if (!rowwise || failed(chain.finish()))
    return failure();
  return RowwiseView{kernel, rowwise, rowwise.getResult().getType().getDimSize(1)};
}

LogicalResult heed::viewKernel(KernelOp kernel) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return viewAttention(kernel);
  case KernelKind::Linear:
    return viewLinear(kernel);
  case KernelKind::Rowwise:
    return viewRowwise(kernel);
  }
}
