// The C functions of linear and rowwise kernels, as buildEntries of Families.h gives them.
#pragma once

#include "schedules/families/Families.h"

namespace heed {

/// NAME and NAME_pack. A plan whose columns do not divide the kernel's panels is a diagnostic at
/// the kernel.
mlir::FailureOr<std::vector<Entry>> linearEntries(attn::KernelOp kernel, const LinearPlan &plan,
                                                  const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> linearEntries(attn::KernelOp kernel, const GpuLinearPlan &plan,
                                                  const TargetInfo &target);

mlir::FailureOr<std::vector<Entry>> rowwiseEntries(attn::KernelOp kernel, const RowwisePlan &plan,
                                                   const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> rowwiseEntries(attn::KernelOp kernel, const GpuRowsPlan &plan,
                                                   const TargetInfo &target);

/// What defaultPlans of Families.h gives for a linear kernel.
mlir::FailureOr<Plan> defaultLinearPlan(attn::KernelOp kernel, const TargetInfo &target);

} // namespace heed
