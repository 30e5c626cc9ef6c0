// Why there is no Vulkan target: Halide 21 divides negative integers by constants wrongly there. A
// Halide that does not makes this fail, and then docs/devices.md has something to say anew.
#include "Halide.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace Halide;

namespace {

constexpr const char *lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";

/// (x - 40) / divisor for x from 0 to 79.
std::vector<int> quotients(const Target &target, const std::function<Expr(Expr)> &dividedBy) {
  Var x("x"), block("block"), thread("thread");
  Func quotient("quotient");
  quotient(x) = dividedBy(x - 40);
  if (target.has_gpu_feature())
    quotient.gpu_tile(x, block, thread, 16);
  Buffer<int> result(80);
  quotient.realize(result, target);
  result.copy_to_host();
  return {result.begin(), result.end()};
}

TEST(Vulkan, NegativeNumbersDividedByConstants) {
  if (!std::filesystem::exists(lavapipe))
    GTEST_SKIP() << "there is no lavapipe here: " << lavapipe;
  setenv("VK_ICD_FILENAMES", lavapipe, 1);
  Target host = get_host_target(), vulkan = host;
  for (auto feature :
       {Target::Vulkan, Target::VulkanInt8, Target::VulkanInt16, Target::VulkanInt64})
    vulkan.set_feature(feature);
  Param<int> three("three");
  three.set(3);
  auto byConstant = [](const Expr &x) { return x / 3; };
  auto byParameter = [&](const Expr &x) { return x / three; };

  EXPECT_EQ(quotients(vulkan, byParameter), quotients(host, byParameter));
  std::vector<int> right = quotients(host, byConstant), wrong = quotients(vulkan, byConstant);
  EXPECT_EQ(std::vector(wrong.begin() + 40, wrong.end()),
            std::vector(right.begin() + 40, right.end()));
  EXPECT_EQ(right[0], -14);
  EXPECT_EQ(wrong[0], 10) << "-40 / 3: Halide's Vulkan has changed";
}

} // namespace
