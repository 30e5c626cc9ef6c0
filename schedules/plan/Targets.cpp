#include "schedules/plan/Plan.h"

#include <heed/kernel.h>

#include <vector>

namespace heed {

llvm::ArrayRef<TargetInfo> allTargets() {
  static const std::vector<TargetInfo> targets = {
      {"x86-64-avx512", "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake", 16, 32,
       HEED_CPU_SSE41 | HEED_CPU_AVX | HEED_CPU_AVX2 | HEED_CPU_FMA | HEED_CPU_F16C |
           HEED_CPU_AVX512},
      {"x86-64-avx2", "x86-64-linux-sse41-avx-f16c-fma-avx2", 8, 16,
       HEED_CPU_SSE41 | HEED_CPU_AVX | HEED_CPU_AVX2 | HEED_CPU_FMA | HEED_CPU_F16C},
      // Strict, quotients and comparisons too: there is no fused multiply-add to lose. 1% slower.
      {"x86-64-sse41", "x86-64-linux-sse41-strict_float", 4, 16, HEED_CPU_SSE41},
  };
  return targets;
}

// Zen 4's features are the least of Halide's that have AVX512_BF16.
llvm::ArrayRef<TargetInfo> extensionsOf(const TargetInfo &target) {
  static const std::vector<TargetInfo> ofAvx512 = [] {
    TargetInfo bf16 = llvm::cantFail(findTarget("x86-64-avx512"));
    bf16.extends = bf16.name;
    bf16.name += "-bf16";
    bf16.halideName += "-avx512_cannonlake-avx512_zen4";
    bf16.features |= HEED_CPU_AVX512_BF16;
    return std::vector{bf16};
  }();
  llvm::ArrayRef<TargetInfo> all = ofAvx512;
  return target.name == all.front().extends ? all : all.take_front(0);
}

// Any OpenCL 1.2 device; NVIDIA's from compute capability 8.0 on, whose driver compiles PTX
// further.
llvm::ArrayRef<TargetInfo> deviceTargets() {
  static const std::vector<TargetInfo> targets = {
      {"cuda", "x86-64-linux-sse41-cuda-cuda_capability_80", 4, 16, HEED_CPU_SSE41, kDLCUDA},
      {"opencl", "x86-64-linux-sse41-opencl", 4, 16, HEED_CPU_SSE41, kDLOpenCL},
  };
  return targets;
}

static uint64_t hostFeatures() {
  __builtin_cpu_init();
  uint64_t features = 0;
  auto add = [&](bool present, uint64_t feature) { features |= present ? feature : 0; };
  add(__builtin_cpu_supports("sse4.1"), HEED_CPU_SSE41);
  add(__builtin_cpu_supports("avx"), HEED_CPU_AVX);
  add(__builtin_cpu_supports("avx2"), HEED_CPU_AVX2);
  add(__builtin_cpu_supports("fma"), HEED_CPU_FMA);
  add(__builtin_cpu_supports("f16c"), HEED_CPU_F16C);
  add(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
          __builtin_cpu_supports("avx512vl"),
      HEED_CPU_AVX512);
  add(__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni") &&
          __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi") &&
          __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg"),
      HEED_CPU_AVX512_BF16);
  return features;
}

bool runsHere(const TargetInfo &target) { return (target.features & ~hostFeatures()) == 0; }

/// Why a target that one may well ask for is not there, and what to take.
static const char *whyNot(llvm::StringRef name) {
  if (name.starts_with("cuda-"))
    return " ('cuda' is PTX for sm_80, which the driver assembles for any later GPU)";
  if (name == "vulkan")
    return " (Halide divides wrongly there: docs/devices.md)";
  return "";
}

llvm::Expected<TargetInfo> findTarget(llvm::StringRef name) {
  // One PTX serves all of them: Halide knows no architecture after sm_86.
  if (name == "cuda-sm_80" || name == "cuda-sm_90" || name == "cuda-sm_100")
    name = "cuda";
  std::string known = "host";
  for (const TargetInfo &target : allTargets()) {
    if (target.name == name || (name == "host" && runsHere(target)))
      return target;
    known += ", " + target.name;
  }
  for (const TargetInfo &target : deviceTargets()) {
    if (target.name == name)
      return target;
    known += ", " + target.name;
  }
  if (name == "host")
    return llvm::createStringError("this CPU lacks SSE4.1, which every target needs");
  return llvm::createStringError("there is no target '%s'%s; known: %s", name.str().c_str(),
                                 whyNot(name), known.c_str());
}

} // namespace heed
