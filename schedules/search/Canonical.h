// One way to write a plan.
#pragma once

#include "schedules/plan/Plan.h"
#include "schedules/table/KernelKey.h"

namespace heed {

/// `plan` with every number that kernels of `key` have no use for at the default's value or, where
/// other numbers rule that out, near it: plans that differ in nothing are equal. A legal plan stays
/// one.
Plan canonical(Plan plan, const KernelKey &key);

} // namespace heed
