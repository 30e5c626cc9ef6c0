// A kernel as tables of tuned plans know it.
#pragma once

#include "compiler/dialect/Attn.h"
#include "schedules/table/KernelKey.h"

namespace heed {

/// Read from a kernel that has been through all passes: its masks' ranges say their class.
mlir::FailureOr<KernelKey> keyOf(attn::KernelOp kernel);

} // namespace heed
