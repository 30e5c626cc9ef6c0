// Compiles pipelines into memory, by Halide alone and so with its arithmetic: what ships is tested
// where tests/property/MachineCode is used.
#pragma once

#include "Halide.h"
#include "schedules/plan/Plan.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace heed::test {

inline Halide::Target jitTarget(const TargetInfo &info) {
  return Halide::Target(info.halideName + "-no_asserts-no_bounds_query");
}

/// A buffer argument whose dimensions start at 0, as the runtime's do.
inline Halide::ImageParam bufferOf(Halide::Type type, const char *name, int dimensions) {
  Halide::ImageParam param(type, dimensions, name);
  for (int i = 0; i < dimensions; i++)
    param.dim(i).set_min(0);
  return param;
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

/// The inputs, then the output; where the kernel runs on a device, there and back.
template <typename... Matrices> int call(const Halide::Callable &kernel, Matrices &...matrices) {
  std::array<Halide::Buffer<>, sizeof...(Matrices)> views = {view(matrices.raw())...};
  for (Halide::Buffer<> &buffer : views)
    buffer.set_host_dirty();
  int error = std::apply([&](auto &...buffers) { return kernel(buffers...); }, views);
  for (Halide::Buffer<> &buffer : views)
    buffer.copy_to_host();
  return error;
}

/// As `call`, with the tasks of parallel loops run from the last to the first: what two threads may
/// come to.
template <typename... Matrices>
int callBackwards(const Halide::Callable &kernel, Matrices &...matrices) {
  Halide::JITUserContext context;
  context.handlers.custom_do_par_for = [](Halide::JITUserContext *context, auto task, int first,
                                          int count, uint8_t *closure) {
    for (int i = first + count - 1; i >= first; i--)
      if (int error = task(context, i, closure))
        return error;
    return 0;
  };
  return kernel(&context, view(matrices.raw())...);
}

/// A test of one target, by its name; skipped where the CPU does not run it.
class OnTarget : public testing::TestWithParam<std::string> {
protected:
  TargetInfo target;
  void SetUp() override {
    target = llvm::cantFail(findTarget(GetParam()));
    if (!runsHere(target))
      GTEST_SKIP() << "this CPU does not run " << target.name;
  }
};

#define INSTANTIATE_ON_TARGETS(Suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Targets, Suite,                                                         \
                           testing::Values("x86-64-avx512", "x86-64-avx2", "x86-64-sse41"),        \
                           [](const auto &info) { return info.param.substr(7); })

/// For what does not differ from target to target: compiling is what tests of kernels take time
/// for.
#define INSTANTIATE_ON_HOST(Suite)                                                                 \
  INSTANTIATE_TEST_SUITE_P(Best, Suite, testing::Values("host"),                                   \
                           [](const auto &info) { return info.param; })

} // namespace heed::test
