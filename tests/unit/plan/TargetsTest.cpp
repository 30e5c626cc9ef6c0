// The table of targets.
#include "schedules/plan/Plan.h"

#include <heed/kernel.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace heed;
using testing::HasSubstr;

TEST(Targets, AreFoundByName) {
  for (const TargetInfo &target : allTargets()) {
    llvm::Expected<TargetInfo> found = findTarget(target.name);
    ASSERT_TRUE(bool(found));
    EXPECT_EQ(found->halideName, target.halideName);
  }
}

TEST(Targets, UnknownOnesAreRefused) {
  EXPECT_EQ(llvm::toString(findTarget("x86-64-avx1024").takeError()),
            "there is no target 'x86-64-avx1024'; known: host, x86-64-avx512, x86-64-avx2, "
            "x86-64-sse41, cuda, opencl");
}

TEST(Targets, ArchitecturesAreServedByOnePtx) {
  for (const char *name : {"cuda-sm_80", "cuda-sm_90", "cuda-sm_100"})
    EXPECT_EQ(llvm::cantFail(findTarget(name)).name, "cuda");
}

TEST(Targets, ThoseOneMayWellAskForSayWhatToTake) {
  EXPECT_THAT(llvm::toString(findTarget("cuda-sm_70").takeError()),
              HasSubstr("'cuda-sm_70' ('cuda' is PTX for sm_80, which the driver assembles for any "
                        "later GPU); known: host, "));
  EXPECT_THAT(llvm::toString(findTarget("vulkan").takeError()),
              HasSubstr("'vulkan' (Halide divides wrongly there: docs/devices.md); known: host, "));
}

// Dispatch takes the first that the CPU runs.
TEST(Targets, StandBestFirst) {
  for (size_t i = 1; i < allTargets().size(); i++) {
    EXPECT_LT(allTargets()[i].lanes, allTargets()[i - 1].lanes);
    EXPECT_EQ(allTargets()[i].features & ~allTargets()[i - 1].features, 0u);
  }
}

TEST(Targets, ExtensionsRunTheirTargetsPlans) {
  int known = 0;
  for (const TargetInfo &target : allTargets()) {
    EXPECT_EQ(target.planName(), target.name);
    for (const TargetInfo &extension : extensionsOf(target)) {
      known++;
      EXPECT_EQ(extension.planName(), target.name);
      EXPECT_EQ(extension.lanes, target.lanes);
      EXPECT_EQ(extension.registers, target.registers);
      EXPECT_EQ(target.features & ~extension.features, 0u);
      EXPECT_NE(target.features, extension.features);
      EXPECT_TRUE(extensionsOf(extension).empty());
      EXPECT_EQ(llvm::toString(findTarget(extension.name).takeError()).substr(0, 20),
                "there is no target '");
    }
  }
  EXPECT_GT(known, 0);
}

TEST(Targets, HostIsTheBestThatRuns) {
  llvm::Expected<TargetInfo> host = findTarget("host");
  if (!host)
    GTEST_SKIP() << llvm::toString(host.takeError());
  EXPECT_TRUE(!(host->features & HEED_CPU_AVX512) || __builtin_cpu_supports("avx512f"));
  EXPECT_TRUE(!(host->features & HEED_CPU_AVX2) || __builtin_cpu_supports("avx2"));
  EXPECT_EQ(bool(host->features & HEED_CPU_SSE41), bool(__builtin_cpu_supports("sse4.1")));
  EXPECT_TRUE(runsHere(*host));
}
