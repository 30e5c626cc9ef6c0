// The C function of an attention kernel, as buildEntries of Families.h gives it.
#pragma once

#include "schedules/families/Families.h"

namespace heed {

mlir::FailureOr<std::vector<Entry>> attentionEntries(attn::KernelOp kernel, const OnlinePlan &plan,
                                                     const TargetInfo &target);

} // namespace heed
