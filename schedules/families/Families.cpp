#include "schedules/families/Families.h"

#include "compiler/dialect/KernelView.h"
#include "schedules/families/AttentionEntries.h"
#include "schedules/families/LayerEntries.h"
#include "schedules/families/MergeEntries.h"
#include "schedules/families/Online.h"
#include "schedules/families/Row.h"

using mlir::failure;
using mlir::FailureOr;

namespace heed {

static FailureOr<std::vector<Entry>> buildAttention(attn::KernelOp kernel, const Plan &plan,
                                                    const TargetInfo &target) {
  if (const auto *row = std::get_if<RowPlan>(&plan.form))
    return rowEntries(kernel, *row, target);
  const auto *online = std::get_if<OnlinePlan>(&plan.form);
  const auto *split = std::get_if<SplitPlan>(&plan.form);
  if (!online && !split)
    return kernel.emitError("is attention: its plan has to be of form 'online', 'split' or 'row'");
  FailureOr<std::string> reason = needsRow(kernel);
  if (failed(reason))
    return failure();
  if (!reason->empty())
    return kernel.emitError() << *reason << ": its plan has to be of form 'row'";
  return online ? onlineEntries(kernel, *online, target) : splitEntries(kernel, *split, target);
}

static FailureOr<std::vector<Entry>> buildForm(attn::KernelOp kernel, const Plan &plan,
                                               const TargetInfo &target) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return buildAttention(kernel, plan, target);
  case KernelKind::Merge:
    if (const auto *merge = std::get_if<MergePlan>(&plan.form))
      return mergeEntries(kernel, *merge, target);
    return kernel.emitError("merges states: its plan has to be of form 'merge'");
  case KernelKind::Linear:
    if (const auto *linear = std::get_if<LinearPlan>(&plan.form))
      return linearEntries(kernel, *linear, target);
    return kernel.emitError("is a linear layer: its plan has to be of form 'linear'");
  case KernelKind::Rowwise:
    if (const auto *rowwise = std::get_if<RowwisePlan>(&plan.form))
      return rowwiseEntries(kernel, *rowwise, target);
    return kernel.emitError("is rowwise: its plan has to be of form 'rowwise'");
  }
  llvm_unreachable("covered switch");
}

FailureOr<std::vector<Entry>> buildEntries(attn::KernelOp kernel, const Plan &plan) {
  if (llvm::Error error = checkPlan(plan))
    return kernel.emitError("has a plan that does not fit: ") << llvm::toString(std::move(error));
  try {
    return buildForm(kernel, plan, llvm::cantFail(findTarget(plan.target)));
  } catch (const Halide::Error &error) {
    return kernel.emitError("cannot be built by Halide: ") << error.what();
  }
}

FailureOr<Plan> defaultPlan(attn::KernelOp kernel, const TargetInfo &target) {
  switch (kindOf(kernel)) {
  case KernelKind::Attention: {
    FailureOr<std::string> reason = needsRow(kernel);
    if (failed(reason))
      return failure();
    if (reason->empty())
      return Plan{target.name, defaultOnlinePlan(target)};
    return Plan{target.name, defaultRowPlan(target)};
  }
  case KernelKind::Merge:
    return Plan{target.name, MergePlan{}};
  case KernelKind::Linear: {
    FailureOr<LinearPlan> plan = defaultLinearPlan(kernel, target);
    if (failed(plan))
      return failure();
    return Plan{target.name, *plan};
  }
  case KernelKind::Rowwise:
    return Plan{target.name, RowwisePlan{}};
  }
  llvm_unreachable("covered switch");
}

} // namespace heed
