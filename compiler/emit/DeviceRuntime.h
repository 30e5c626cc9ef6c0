// What kernels for a device need in a program: Halide's interface to the device's driver. It loads
// the driver when the first kernel runs, so nothing of a vendor's is linked.
#pragma once

#include "schedules/plan/Plan.h"

#include "llvm/Support/Error.h"

namespace heed {

/// An ELF relocatable whose symbols are weak: a program may hold several.
llvm::Expected<std::string> deviceRuntime(const TargetInfo &target);

} // namespace heed
