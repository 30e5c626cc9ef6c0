// Compiles pipelines into memory, with the flags that kernels are emitted with.
#pragma once

#include "Halide.h"
#include "schedules/plan/Plan.h"

#include <stdexcept>
#include <vector>

namespace heed::test {

inline Halide::Target jitTarget(const TargetInfo &info) {
  return Halide::Target(info.halideName + "-no_asserts-no_bounds_query");
}

inline bool runsHere(const TargetInfo &info) {
  const Halide::Target wanted(info.halideName), host = Halide::get_host_target();
  for (auto feature : {Halide::Target::SSE41, Halide::Target::AVX, Halide::Target::AVX2,
                       Halide::Target::FMA, Halide::Target::F16C, Halide::Target::AVX512,
                       Halide::Target::AVX512_Skylake})
    if (wanted.has_feature(feature) && !host.has_feature(feature))
      return false;
  return true;
}

inline Halide::Callable jit(Halide::Pipeline pipeline, const std::vector<Halide::Argument> &inputs,
                            const TargetInfo &info) {
  try {
    return pipeline.compile_to_callable(inputs, jitTarget(info));
  } catch (const Halide::Error &error) {
    throw std::runtime_error(error.what());
  }
}

inline Halide::Buffer<> view(halide_buffer_t *raw) {
  return Halide::Buffer<>(Halide::Runtime::Buffer<>(*raw));
}

/// The inputs, then the output.
template <typename... Matrices> int call(const Halide::Callable &kernel, Matrices &...matrices) {
  return kernel(view(matrices.raw())...);
}

} // namespace heed::test
