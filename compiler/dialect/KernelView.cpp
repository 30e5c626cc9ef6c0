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
  if (isa_and_present<MergeOp, FinishOp>(op))
    return KernelKind::Merge;
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

  /// (C5) `value` is an argument, or made from arguments by rowwise and project ops, in f32 or f64.
  LogicalResult expectOperand(Operation *user, Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return success();
    if (!isa<RowwiseOp, ProjectOp>(op))
      return user->emitOpError("takes arguments of the kernel and results of attn.rowwise and "
                               "attn.project as its operands");
    if (!met.insert(op).second)
      return success();
    if (Type element = cast<RankedTensorType>(value.getType()).getElementType();
        element != loadedType(element))
      return op->emitOpError() << "makes an operand of " << element
                               << ": only what a kernel returns is stored in less than f32";
    for (Value operand : op->getOperands())
      if (failed(expectOperand(op, operand)))
        return failure();
    return success();
  }

  void meet(Operation *op) { met.insert(op); }
  bool hasMet(Operation *op) const { return met.contains(op); }

  /// (C4) Every op was met; (C5) captures are arguments.
  LogicalResult finish() {
    for (Operation &op : kernel.getBody().front()) {
      if (!met.contains(&op))
        return op.emitOpError() << "takes no part in the results of kernel @" << kernel.getSymName()
                                << ": remove it or return what it gives";
      if (!makesOperand(&op) && !llvm::all_of(capturesOf(&op), llvm::IsaPred<BlockArgument>))
        return op.emitOpError("captures must be arguments of the kernel");
    }
    return success();
  }

private:
  static ValueRange capturesOf(Operation *op) {
    if (auto component = dyn_cast<Component>(op))
      return component.getCaptures();
    if (auto normalize = dyn_cast<NormalizeOp>(op))
      return normalize.getCaptures();
    if (auto finish = dyn_cast<FinishOp>(op))
      return finish.getCaptures();
    return {};
  }
  static bool makesOperand(Operation *op) {
    auto rowwise = dyn_cast<RowwiseOp>(op);
    return rowwise && cast<RankedTensorType>(rowwise.getType()).getRank() == 4;
  }

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
  llvm::append_range(view.results, returned.getOperands());
  for (auto [number, value] : llvm::enumerate(view.results)) {
    if (llvm::is_contained(ArrayRef(view.results).take_front(number), value))
      return returned.emitOpError() << "returns result " << number << " a second time";
    if (number == 0)
      continue;
    Operation *op = value.getDefiningOp();
    if (auto logSumExp = dyn_cast_if_present<LogSumExpOp>(op)) {
      if (logSumExp.getScores() != view.normalize.getScores())
        return logSumExp.emitOpError("must take the scores that attn.normalize takes");
    } else if (auto keySum = dyn_cast_if_present<KeySumOp>(op)) {
      if (keySum.getWeights() != view.normalize.getWeights())
        return keySum.emitOpError("must take the weights that attn.normalize gives");
    } else if (!isa_and_present<ScoreOp, ModifyOp, MaskOp, NormalizeOp>(op) || !chain.hasMet(op)) {
      return returned.emitOpError()
             << "result " << number << " must be a log-sum-exp, key sums, scores or weights";
    }
    chain.meet(op);
  }
  return success();
}

/// The op that gives the output: its weights and value.
static LogicalResult followSum(Chain &chain, AttentionView &view) {
  ReturnOp returned = returnOf(view.kernel);
  Value output = returned.getOperand(0), weights;
  if (auto partial = output.getDefiningOp<PartialOp>()) {
    chain.meet(partial);
    view.sum = partial, weights = partial.getWeights(), view.value = partial.getValue();
  } else {
    auto sum = chain.follow<WeightedSumOp>(output, returned);
    if (!sum)
      return failure();
    view.sum = sum, weights = sum.getWeights(), view.value = sum.getValue();
  }
  view.normalize = chain.follow<NormalizeOp>(weights, view.sum);
  return success(static_cast<bool>(view.normalize));
}

/// (C5) Query, key and value; the ops that make them.
static LogicalResult followOperands(Chain &chain, AttentionView &view) {
  view.query = view.score.getQuery(), view.key = view.score.getKey();
  if (view.query == view.key || view.query == view.value || view.key == view.value)
    return view.sum->emitOpError(
        "query, key and value must be distinct arguments of the kernel, or "
        "made by attn.rowwise or attn.project");
  for (auto [user, value] : {std::pair<Operation *, Value>(view.score, view.query),
                             {view.score, view.key},
                             {view.sum, view.value}})
    if (failed(chain.expectOperand(user, value)))
      return failure();
  for (Operation &op : view.kernel.getBody().front())
    if (isa<RowwiseOp, ProjectOp>(op) && chain.hasMet(&op))
      view.operands.push_back(&op);
  return success();
}

static int64_t extentOf(Value tensor, unsigned axis) {
  return cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
}

FailureOr<AttentionView> heed::viewAttention(KernelOp kernel) {
  AttentionView view;
  view.kernel = kernel;
  ReturnOp returned = returnOf(kernel);
  if (!returned || returned.getNumOperands() == 0)
    return kernel.emitOpError("must return a result: end it in attn.return");
  Chain chain(kernel);
  if (failed(followSum(chain, view)) || failed(followScores(chain, view)) ||
      failed(followOperands(chain, view)) || failed(followResults(chain, view)) ||
      failed(chain.finish()))
    return failure();
  if (extentOf(view.key, 2) != extentOf(view.value, 2)) // weighted_sum (C3)
    return view.sum->emitOpError("value must have as many heads as key");
  view.keyLengths = kernel.getArgumentWithRole(keyLengthsRole);
  view.queryLengths = kernel.getArgumentWithRole(queryLengthsRole);
  view.queryOffsets = kernel.getArgumentWithRole(queryOffsetsRole);
  view.dim = extentOf(view.query, 3);
  view.valueDim = extentOf(view.value, 3);
  view.scale = view.score.getScaleFactor();
  return view;
}

FailureOr<MergeView> heed::viewMerge(KernelOp kernel) {
  Chain chain(kernel);
  MergeView view{kernel, nullptr, nullptr};
  ReturnOp returned = returnOf(kernel);
  Value state = returned.getOperand(0);
  ValueRange expected = returned.getOperands().take_front(1);
  if ((view.finish = state.getDefiningOp<FinishOp>())) {
    chain.meet(view.finish);
    state = view.finish.getState();
    expected = view.finish->getResults();
  }
  if ((view.merge = state.getDefiningOp<MergeOp>())) {
    chain.meet(view.merge);
    if (failed(chain.expectArguments(view.merge, {view.merge.getFirst(), view.merge.getSecond()},
                                     "the states")))
      return failure();
    if (view.finish && view.finish.getNormalizerName() != view.merge.getNormalizerName())
      return view.finish.emitOpError()
             << "is of " << view.finish.getNormalizerName() << ", but its state is merged by "
             << view.merge.getNormalizerName();
  } else if (failed(chain.expectArguments(view.finish, {state}, "the state"))) {
    return failure();
  }
  if (!llvm::equal(returned.getOperands(), expected))
    return returned.emitOpError("must return all that the last op gives, and nothing else");
  if (failed(chain.finish()))
    return failure();
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
  return RowwiseView{kernel, rowwise, rowwise.getResult().getType().getShape().back()};
}

LogicalResult heed::viewKernel(KernelOp kernel) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return viewAttention(kernel);
  case KernelKind::Merge:
    return viewMerge(kernel);
  case KernelKind::Linear:
    return viewLinear(kernel);
  case KernelKind::Rowwise:
    return viewRowwise(kernel);
  }
}
