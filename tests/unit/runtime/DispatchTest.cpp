// Which variant runs: CPU features, ranges, HEED_TARGET.
#include "tests/unit/runtime/FakeKernel.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace heed::test {
namespace {

constexpr uint64_t impossible = uint64_t(1) << 40; // no CPU has this feature
int ran;

template <int Number> int mark(void **) {
  ran = Number;
  return 0;
}

template <int Number> constexpr heed_stage stage = {mark<Number>, 0, nullptr};

struct Dispatch : testing::Test {
  AttentionCall call; // 3 queries, 5 keys

  Dispatch() { ran = 0; }
  ~Dispatch() override { unsetenv("HEED_TARGET"); }
};

TEST_F(Dispatch, FirstVariantThatTheCpuRuns) {
  call.variants = {{"future", kDLCPU, impossible, 0, nullptr, 1, &stage<1>},
                   {"x86-64-sse41", kDLCPU, 0, 0, nullptr, 1, &stage<2>},
                   {"x86-64-sse41", kDLCPU, 0, 0, nullptr, 1, &stage<3>}};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(ran, 2);
}

TEST_F(Dispatch, FirstVariantWhoseRangesHold) {
  heed_range few[] = {{Queries, 1, 1, 2}}, keys[] = {{Queries, 1, 3, 3}, {Keys, 1, 6, 9}},
             fitting[] = {{Queries, 1, 3, 3}, {Keys, 1, 5, 5}};
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 1, few, 1, &stage<1>},
                   {"x86-64-sse41", kDLCPU, 0, 2, keys, 1, &stage<2>},
                   {"x86-64-sse41", kDLCPU, 0, 2, fitting, 1, &stage<3>}};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(ran, 3);
  call.variants.pop_back();
  EXPECT_EQ(outcome(call.run()),
            "no variant: attention: no variant takes these extents: queries is "
            "3, x86-64-sse41 takes 1 to 2");
}

TEST_F(Dispatch, RangesOfProducts) { // batch 2, heads 4
  heed_range tooMany[] = {{Batch, Heads, 9, INT64_MAX}}, fitting[] = {{Batch, Heads, 1, 8}},
             fixed[] = {{Batch, 12, 1, 23}};
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 1, tooMany, 1, &stage<1>},
                   {"x86-64-sse41", kDLCPU, 0, 1, fixed, 1, &stage<2>},
                   {"x86-64-sse41", kDLCPU, 0, 1, fitting, 1, &stage<3>}};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(ran, 3);
  call.variants.resize(1);
  EXPECT_EQ(outcome(call.run()),
            "no variant: attention: no variant takes these extents: batch * heads is 8, "
            "x86-64-sse41 takes 9 to 9223372036854775807");
  call.variants = {{"x86-64-sse41", kDLCPU, 0, 1, fixed, 1, &stage<2>}};
  EXPECT_EQ(outcome(call.run()), "no variant: attention: no variant takes these extents: batch * "
                                 "12 is 24, x86-64-sse41 takes 1 to 23");
}

TEST_F(Dispatch, NoVariantForThisCpu) {
  call.variants = {{"future", kDLCPU, impossible, 0, nullptr, 1, &stage<1>},
                   {"future", kDLCPU, impossible, 0, nullptr, 1, &stage<2>},
                   {"far-future", kDLCPU, impossible * 2, 0, nullptr, 1, &stage<3>}};
  EXPECT_EQ(outcome(call.run()), std::string("no variant: attention: this CPU runs ") +
                                     heed_host_target() +
                                     " at best; the library holds: future, far-future");
}

TEST_F(Dispatch, ForcedTarget) {
  call.variants = {{"best", kDLCPU, 0, 0, nullptr, 1, &stage<1>},
                   {"plain", kDLCPU, 0, 0, nullptr, 1, &stage<2>},
                   {"future", kDLCPU, impossible, 0, nullptr, 1, &stage<3>}};
  setenv("HEED_TARGET", "plain", 1);
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(ran, 2);
  setenv("HEED_TARGET", "", 1);
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  EXPECT_EQ(ran, 1);
  setenv("HEED_TARGET", "x86-64-avx9", 1);
  EXPECT_EQ(outcome(call.run()), "no variant: attention: HEED_TARGET is 'x86-64-avx9', but the "
                                 "library holds: best, plain, future");
  setenv("HEED_TARGET", "future", 1);
  EXPECT_EQ(outcome(call.run()),
            std::string("no variant: attention: HEED_TARGET is 'future', but this CPU runs ") +
                heed_host_target() + " at best; the library holds: best, plain, future");
}

TEST_F(Dispatch, ForcedTargetOutOfRange) {
  heed_range few[] = {{Queries, 1, 1, 2}};
  call.variants = {{"best", kDLCPU, 0, 0, nullptr, 1, &stage<1>},
                   {"plain", kDLCPU, 0, 1, few, 1, &stage<2>}};
  setenv("HEED_TARGET", "plain", 1);
  EXPECT_EQ(outcome(call.run()),
            "no variant: attention: HEED_TARGET is 'plain', but no variant takes "
            "these extents: queries is 3, plain takes 1 to 2");
}

TEST_F(Dispatch, EmptyCallsNeedAVariantToo) {
  AttentionCall empty(0, 3, 5, 4, 2);
  setenv("HEED_TARGET", "nonsense", 1);
  EXPECT_EQ(empty.run(), HEED_NO_VARIANT);
}

#if defined(__x86_64__)
TEST_F(Dispatch, Bf16NeedsAllThatComesWithIt) {
  call.variants = {{"x86-64-avx512-bf16", kDLCPU, HEED_CPU_AVX512_BF16, 0, nullptr, 1, &stage<1>},
                   {"x86-64-sse41", kDLCPU, 0, 0, nullptr, 1, &stage<2>}};
  EXPECT_EQ(call.run(), HEED_OK) << heed_last_error();
  bool all = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni") &&
             __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("avx512vbmi") &&
             __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg");
  EXPECT_EQ(ran, all ? 1 : 2);
}

TEST_F(Dispatch, HostTarget) {
  std::string target = heed_host_target();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512cd");
  EXPECT_EQ(target, avx512                                  ? "x86-64-avx512"
                    : avx2                                  ? "x86-64-avx2"
                    : __builtin_cpu_supports("sse4.1") != 0 ? "x86-64-sse41"
                                                            : "");
}
#endif

} // namespace
} // namespace heed::test
