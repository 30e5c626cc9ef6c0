#include "runtime/Cpu.h"

#include <heed/kernel.h>

#include <atomic>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

#if defined(__x86_64__)
struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}

/// The register state that the operating system saves on a switch of threads (XCR0).
uint64_t savedState() {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

constexpr bool hasAll(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

/// Intel's manual, volume 2, CPUID, and volume 1, chapters 14.3 and 15.2 (detection of AVX,
/// AVX-512).
uint64_t detect() {
  constexpr uint64_t ymmState = 0x6, zmmState = 0xe6;
  constexpr uint64_t avx512 =
      bit_AVX512F | bit_AVX512CD | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
  constexpr uint64_t besideBf16 =
      bit_AVX512VBMI | bit_AVX512VBMI2 | bit_AVX512VNNI | bit_AVX512BITALG;
  Registers basic = cpuid(1), extended = cpuid(7), further = cpuid(7, 1);
  uint64_t features = basic.c & bit_SSE4_1 ? HEED_CPU_SSE41 : 0;
  uint64_t saved = basic.c & bit_OSXSAVE ? savedState() : 0;
  if (hasAll(saved, ymmState)) {
    features |= basic.c & bit_AVX ? HEED_CPU_AVX : 0;
    features |= basic.c & bit_FMA ? HEED_CPU_FMA : 0;
    features |= basic.c & bit_F16C ? HEED_CPU_F16C : 0;
    features |= extended.b & bit_AVX2 ? HEED_CPU_AVX2 : 0;
  }
  if (hasAll(saved, zmmState) && hasAll(extended.b, avx512))
    features |= HEED_CPU_AVX512;
  if (features & HEED_CPU_AVX512 && hasAll(extended.b, bit_AVX512IFMA) &&
      hasAll(extended.c, besideBf16) && hasAll(further.a, bit_AVX512BF16))
    features |= HEED_CPU_AVX512_BF16;
  return features;
}
#else
uint64_t detect() { return 0; }
#endif

struct NamedTarget {
  const char *name;
  uint64_t features;
};

constexpr uint64_t avx2 =
    HEED_CPU_SSE41 | HEED_CPU_AVX | HEED_CPU_AVX2 | HEED_CPU_FMA | HEED_CPU_F16C;

/// The targets heedc knows, best first.
constexpr NamedTarget targets[] = {
    {"x86-64-avx512", avx2 | HEED_CPU_AVX512},
    {"x86-64-avx2", avx2},
    {"x86-64-sse41", HEED_CPU_SSE41},
};

} // namespace

uint64_t heed::cpuFeatures() {
  constexpr uint64_t known = uint64_t(1) << 63;
  static std::atomic<uint64_t> cached{0};
  uint64_t features = cached.load(std::memory_order_relaxed);
  if (!features)
    cached.store(features = detect() | known, std::memory_order_relaxed);
  return features & ~known;
}

const char *heed_host_target(void) {
  for (const NamedTarget &target : targets)
    if ((heed::cpuFeatures() & target.features) == target.features)
      return target.name;
  return "";
}
