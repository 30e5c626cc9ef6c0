#include "schedules/families/Families.h"

#include "compiler/dialect/KernelView.h"
#include "schedules/families/AttentionEntries.h"
#include "schedules/families/LayerEntries.h"
#include "schedules/families/MergeEntries.h"
#include "schedules/families/Online.h"
#include "schedules/families/Row.h"
#include "schedules/families/Split.h"

using mlir::failure;
using mlir::FailureOr;

namespace heed {

static mlir::InFlightDiagnostic refuseForm(attn::KernelOp kernel, const char *what,
                                           const TargetInfo &target, const char *ofCpus,
                                           const char *ofDevices) {
  return kernel.emitError() << what << ": its plan has to be of form '"
                            << (target.isDevice() ? ofDevices : ofCpus) << "'";
}

static FailureOr<std::vector<Entry>> buildAttention(attn::KernelOp kernel, const Plan &plan,
                                                    const TargetInfo &target) {
  if (const auto *row = std::get_if<RowPlan>(&plan.form))
    return rowEntries(kernel, *row, target);
  const auto *online = std::get_if<OnlinePlan>(&plan.form);
  const auto *split = std::get_if<SplitPlan>(&plan.form);
  const auto *gpu = std::get_if<GpuPlan>(&plan.form);
  if (!online && !split && !gpu)
    return refuseForm(kernel, "is attention", target, "online', 'split' or 'row", "gpu");
  FailureOr<std::string> reason = needsRow(kernel);
  if (failed(reason))
    return failure();
  if (!reason->empty() && gpu)
    return kernel.emitError() << *reason << ": kernels for " << target.name
                              << " take keys block by block";
  if (!reason->empty())
    return kernel.emitError() << *reason << ": its plan has to be of form 'row'";
  if (gpu)
    return gpuEntries(kernel, *gpu, target);
  return online ? onlineEntries(kernel, *online, target) : splitEntries(kernel, *split, target);
}

static FailureOr<std::vector<Entry>> buildForm(attn::KernelOp kernel, const Plan &plan,
                                               const TargetInfo &target) {
  const auto *rows = std::get_if<GpuRowsPlan>(&plan.form);
  switch (kindOf(kernel)) {
  case KernelKind::Attention:
    return buildAttention(kernel, plan, target);
  case KernelKind::Merge:
    if (const auto *merge = std::get_if<MergePlan>(&plan.form))
      return mergeEntries(kernel, *merge, target);
    if (rows)
      return mergeEntries(kernel, *rows, target);
    return refuseForm(kernel, "merges states", target, "merge", "gpu_rows");
  case KernelKind::Linear:
    if (const auto *linear = std::get_if<LinearPlan>(&plan.form))
      return linearEntries(kernel, *linear, target);
    if (const auto *linear = std::get_if<GpuLinearPlan>(&plan.form))
      return linearEntries(kernel, *linear, target);
    return refuseForm(kernel, "is a linear layer", target, "linear", "gpu_linear");
  case KernelKind::Rowwise:
    if (const auto *rowwise = std::get_if<RowwisePlan>(&plan.form))
      return rowwiseEntries(kernel, *rowwise, target);
    if (rows)
      return rowwiseEntries(kernel, *rows, target);
    return refuseForm(kernel, "is rowwise", target, "rowwise", "gpu_rows");
  }
  llvm_unreachable("covered switch");
}

/// Kernels for devices compute in float32.
static mlir::LogicalResult checkTypes(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<Signature> signature = kernelSignature(kernel);
  if (failed(signature))
    return failure();
  for (const SignatureArgument &argument : signature->arguments)
    if (argument.type == ElementType::F64)
      return kernel.emitError("'") << argument.name << "' holds float64, which kernels for "
                                   << target.name << " do not take";
  return mlir::success();
}

FailureOr<std::vector<TargetInfo>> codeTargets(attn::KernelOp kernel, const TargetInfo &target) {
  std::vector<TargetInfo> targets;
  if (kindOf(kernel) == KernelKind::Attention)
    for (const TargetInfo &extension : extensionsOf(target)) {
      FailureOr<bool> differs = multipliesPairs(kernel, extension);
      if (failed(differs))
        return failure();
      if (*differs)
        targets.push_back(extension);
    }
  targets.push_back(target);
  return targets;
}

FailureOr<TargetInfo> codeTarget(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<std::vector<TargetInfo>> targets = codeTargets(kernel, target);
  if (failed(targets))
    return failure();
  auto best = llvm::find_if(*targets, runsHere);
  return best == targets->end() ? target : *best;
}

FailureOr<std::vector<Entry>> buildEntries(attn::KernelOp kernel, const Plan &plan) {
  llvm::Expected<TargetInfo> target = findTarget(plan.target);
  if (!target)
    return kernel.emitError("has a plan that does not fit: ") << llvm::toString(target.takeError());
  return buildEntries(kernel, plan, *target);
}

FailureOr<std::vector<Entry>> buildEntries(attn::KernelOp kernel, const Plan &plan,
                                           const TargetInfo &target) {
  if (llvm::Error error = checkPlan(plan))
    return kernel.emitError("has a plan that does not fit: ") << llvm::toString(std::move(error));
  if (target.isDevice() && failed(checkTypes(kernel, target)))
    return failure();
  try {
    return buildForm(kernel, plan, target);
  } catch (const Halide::Error &error) {
    return kernel.emitError("cannot be built by Halide: ") << error.what();
  }
}

// Up to so many queries, keys and values are read once from memory and all else is cheap.
constexpr int64_t kFewQueries = 16;
// From so many on, tiles of queries share the rows that are made of keys and values. Rows of
// queries are made for a whole task, whether they exist or not.
constexpr int64_t kSharingQueries = 129;
constexpr int kSharingTiles = 4;

/// Query heads of a key head; 0 where their number is not fixed.
static int64_t groupOf(attn::KernelOp kernel) {
  FailureOr<AttentionView> view = viewAttention(kernel);
  if (failed(view))
    return 0;
  auto headsOf = [](mlir::Value rows) {
    return llvm::cast<mlir::RankedTensorType>(rows.getType()).getDimSize(2);
  };
  int64_t queryHeads = headsOf(view->query), keyHeads = headsOf(view->key);
  bool isFixed = queryHeads > 0 && keyHeads > 0;
  return isFixed ? queryHeads / keyHeads : 0;
}

FailureOr<std::vector<Plan>> startingPlans(attn::KernelOp kernel, const TargetInfo &target) {
  FailureOr<std::vector<PlanChoice>> defaults = defaultPlans(kernel, target);
  if (failed(defaults))
    return failure();
  std::vector<Plan> plans;
  auto add = [&](const Plan &plan) {
    if (llvm::none_of(plans, [&](const Plan &p) { return p.form.index() == plan.form.index(); }))
      plans.push_back(plan);
  };
  for (const PlanChoice &choice : llvm::reverse(*defaults)) // the last serves any shape
    add(choice.plan);
  if (kindOf(kernel) == KernelKind::Attention && !target.isDevice())
    add({target.planName(), defaultRowPlan(target)}); // legal for every kernel
  return plans;
}

FailureOr<PlanUses> usesOf(attn::KernelOp kernel, const TargetInfo &target) {
  if (kindOf(kernel) != KernelKind::Attention || target.isDevice())
    return PlanUses{};
  return attentionUses(kernel, target);
}

FailureOr<std::vector<PlanChoice>> defaultPlans(attn::KernelOp kernel, const TargetInfo &target) {
  auto plan = [&](auto form) { return PlanChoice{{target.planName(), form}}; };
  using Choices = std::vector<PlanChoice>;
  switch (kindOf(kernel)) {
  case KernelKind::Attention: {
    std::vector<ExtentRange> isFew = {{"queries", 0, kFewQueries}};
    if (target.isDevice()) {
      FailureOr<GpuPlans> gpu = defaultGpuPlans(kernel);
      if (failed(gpu))
        return failure();
      PlanChoice few = plan(gpu->few);
      few.when = isFew;
      return Choices{few, plan(gpu->any)};
    }
    FailureOr<std::string> reason = needsRow(kernel);
    if (failed(reason))
      return failure();
    if (!reason->empty())
      return Choices{plan(defaultRowPlan(target))};
    PlanChoice few = plan(defaultSplitPlan(groupOf(kernel), target));
    few.when = isFew;
    FailureOr<PlanUses> uses = attentionUses(kernel, target);
    if (failed(uses))
      return failure();
    OnlinePlan online = defaultOnlinePlan(target);
    if (!uses->taskTiles)
      return Choices{few, plan(online)};
    PlanChoice alone = plan(online);
    alone.when = {{"queries", 0, kSharingQueries - 1}};
    online.taskTiles = kSharingTiles;
    return Choices{few, alone, plan(online)};
  }
  case KernelKind::Merge:
    return Choices{target.isDevice() ? plan(GpuRowsPlan{}) : plan(MergePlan{})};
  case KernelKind::Linear: {
    FailureOr<Plan> linear = defaultLinearPlan(kernel, target);
    if (failed(linear))
      return failure();
    return Choices{{*linear}};
  }
  case KernelKind::Rowwise:
    return Choices{target.isDevice() ? plan(GpuRowsPlan{}) : plan(RowwisePlan{})};
  }
  llvm_unreachable("covered switch");
}

} // namespace heed
