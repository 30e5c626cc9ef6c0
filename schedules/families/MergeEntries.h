// The C function of a merge kernel, as buildEntries of Families.h gives it.
#pragma once

#include "schedules/families/Families.h"

namespace heed {

mlir::FailureOr<std::vector<Entry>> mergeEntries(attn::KernelOp kernel, const MergePlan &plan,
                                                 const TargetInfo &target);
mlir::FailureOr<std::vector<Entry>> mergeEntries(attn::KernelOp kernel, const GpuRowsPlan &plan,
                                                 const TargetInfo &target);

} // namespace heed
