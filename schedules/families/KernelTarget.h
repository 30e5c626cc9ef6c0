// The Halide target that shipped kernels are compiled for.
#pragma once

#include "schedules/plan/Plan.h"

#include "Halide.h"

namespace heed {

/// The runtime has checked every argument before a kernel runs, and brings what kernels call.
inline Halide::Target kernelTarget(const TargetInfo &target) {
  return Halide::Target(target.halideName + "-no_asserts-no_bounds_query-no_runtime");
}

} // namespace heed
