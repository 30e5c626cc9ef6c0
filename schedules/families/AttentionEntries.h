// The C function of an attention kernel, as buildEntries of Families.h gives it.
#pragma once

#include "schedules/families/Families.h"

namespace heed {

mlir::FailureOr<std::vector<Entry>> onlineEntries(attn::KernelOp kernel, const OnlinePlan &plan,
                                                  const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> rowEntries(attn::KernelOp kernel, const RowPlan &plan,
                                               const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> gpuEntries(attn::KernelOp kernel, const GpuPlan &plan,
                                               const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> splitEntries(attn::KernelOp kernel, const SplitPlan &plan,
                                                 const TargetInfo &target);

/// For a few queries and for any number.
struct GpuPlans {
  GpuPlan few, any;
};
mlir::FailureOr<GpuPlans> defaultGpuPlans(attn::KernelOp kernel);

/// Whether code for this target may multiply bfloat16 in pairs: columns of queries and keys
/// (DotOrder), or weights and values.
mlir::FailureOr<bool> multipliesPairs(attn::KernelOp kernel, const TargetInfo &target);

/// Whether lists of blocks are walked, and whether a task's tiles gain by sharing rows: keys or
/// values are computed, not only found elsewhere, while they are loaded, and loop bounds say which.
mlir::FailureOr<PlanUses> attentionUses(attn::KernelOp kernel, const TargetInfo &target);

/// Why the kernel can only be built in the row form; empty where it can be in the others.
mlir::FailureOr<std::string> needsRow(attn::KernelOp kernel);

} // namespace heed
