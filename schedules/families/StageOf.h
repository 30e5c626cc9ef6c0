// What every shipped stage has in common: its target and its inputs.
#pragma once

#include "compiler/evaluate/HalideMath.h"
#include "compiler/graph/Operands.h"
#include "schedules/families/Families.h"

#include <heed/kernel.h>

#include <numeric>

namespace heed {

/// The runtime has checked every argument before a kernel runs, and brings what kernels call.
inline Halide::Target kernelTarget(const TargetInfo &target) {
  return Halide::Target(target.halideName + "-no_asserts-no_bounds_query-no_runtime");
}

/// Devices' compilers need not know halves (OpenCL: cl_khr_fp16), and none knows bfloat16.
inline TargetWays waysOf(const TargetInfo &target) {
  TargetWays ways{.halvesAreWords = target.isDevice(),
                  .tablesAhead = target.isDevice(),
                  .multipliesPairs = bool(target.features & HEED_CPU_AVX512_BF16)};
  if (target.device == kDLCUDA)
    ways.exp2 = exp2OfCuda;
  return ways;
}

/// A stage that takes every operand; its results are still to be added to `arguments`.
inline Stage stageOf(Halide::Pipeline pipeline, const Operands &operands,
                     const TargetInfo &target) {
  Stage stage;
  stage.pipeline = std::move(pipeline);
  stage.inputs.assign(operands.buffers().begin(), operands.buffers().end());
  stage.arguments.resize(stage.inputs.size());
  std::iota(stage.arguments.begin(), stage.arguments.end(), 0);
  stage.target = kernelTarget(target);
  return stage;
}

} // namespace heed
