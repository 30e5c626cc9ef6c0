#include "compiler/emit/PairProducts.h"
#include "compiler/emit/OrderedSums.h"
#include "compiler/evaluate/Storage.h"
#include "schedules/plan/Plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <stdexcept>

using namespace heed;
using Halide::Buffer;

namespace {

constexpr int count = 1024;

float numberOf(uint32_t word, int which) {
  uint32_t bits = which ? word & 0xffff0000u : word << 16;
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

/// Of two bfloat16 between 2^-8 and 2^8.
Buffer<uint32_t> words(unsigned seed) {
  Buffer<uint32_t> all(count);
  std::mt19937 random(seed);
  all.for_each_value([&](uint32_t &word) {
    auto one = [&] { return (random() & 0x807f) | ((119 + random() % 16) << 7); };
    word = uint32_t(one()) | uint32_t(one()) << 16;
  });
  return all;
}

/// sum + x0 y0 + x1 y1, or what stands for it, in vectors of `lanes`.
Buffer<float> compute(const TargetInfo &target, int lanes, Buffer<float> sums, Buffer<uint32_t> x,
                      Buffer<uint32_t> y) {
  Halide::Var i("i");
  Halide::Func f("f");
  f(i) = sums(i) + productsOfPairs(x(i), y(i));
  if (lanes > 1)
    f.vectorize(i, lanes);
  f.add_custom_lowering_pass(new OrderedSums(/*hasMultiplyAdds=*/true));
  f.add_custom_lowering_pass(new PairProducts(!target.extends.empty()));
  try {
    return f.realize({count}, Halide::Target(target.halideName));
  } catch (const Halide::Error &error) {
    throw std::runtime_error(error.what());
  }
}

class PairProductsOn : public testing::TestWithParam<std::string> {
protected:
  TargetInfo target = llvm::cantFail(findTarget("x86-64-avx512"));
  void SetUp() override {
    if (GetParam() != target.name)
      target = extensionsOf(target).front();
    if (!runsHere(target))
      GTEST_SKIP() << "this CPU does not run " << target.name;
  }
};

// The second product is added first, and every sum is rounded; products are exact.
TEST_P(PairProductsOn, AreTwoMultiplyAddsTheSecondNumbersFirst) {
  Buffer<uint32_t> x = words(1), y = words(2);
  Buffer<float> sums(count);
  std::mt19937 random(3);
  sums.for_each_value(
      [&](float &sum) { sum = std::ldexp(float(random()) / 4e9f - 0.5f, int(random() % 16) - 8); });
  int orderMatters = 0;
  for (int lanes : {1, 2, 4, 8, 16, 32}) {
    Buffer<float> all = compute(target, lanes, sums, x, y);
    for (int i = 0; i < count; i++) {
      float first = numberOf(x(i), 0) * numberOf(y(i), 0),
            second = numberOf(x(i), 1) * numberOf(y(i), 1);
      ASSERT_EQ(all(i), (sums(i) + second) + first) << lanes << " lanes, " << i;
      orderMatters += (sums(i) + first) + second != (sums(i) + second) + first;
    }
  }
  EXPECT_GT(orderMatters, 0);
}

TEST_P(PairProductsOn, FollowIeee) {
  constexpr uint32_t infinity = 0x7f80, one = 0x3f80, nan = 0x7fc1, largest = 0x7f7f;
  const auto pair = [](uint32_t first, uint32_t second) { return first | second << 16; };
  Buffer<uint32_t> x(count), y(count);
  Buffer<float> sums(count);
  x.fill(0), y.fill(0), sums.fill(1);
  x(0) = pair(infinity, 0), y(0) = pair(one, 0);
  x(1) = pair(infinity, 0), y(1) = pair(0, one);
  x(2) = pair(infinity, infinity), y(2) = pair(one, one | 0x8000);
  x(3) = pair(0, nan), y(3) = pair(0, one);
  x(4) = pair(largest, 0), y(4) = pair(largest, 0);
  for (int lanes : {1, 16}) {
    Buffer<float> all = compute(target, lanes, sums, x, y);
    EXPECT_EQ(all(0), INFINITY);
    EXPECT_TRUE(std::isnan(all(1)));
    EXPECT_TRUE(std::isnan(all(2)));
    EXPECT_TRUE(std::isnan(all(3)));
    EXPECT_EQ(all(4), INFINITY);
    EXPECT_EQ(all(5), 1);
  }
}

/// Of f(0) and f(1), f(2) and f(3), ...
Buffer<uint32_t> round(const TargetInfo &target, int lanes, Buffer<float> numbers) {
  Halide::Var i("i");
  Halide::Func f("f");
  f(i) = roundedPair(numbers(2 * i), numbers(2 * i + 1));
  if (lanes > 1)
    f.vectorize(i, lanes);
  f.add_custom_lowering_pass(new PairProducts(!target.extends.empty()));
  try {
    return f.realize({count}, Halide::Target(target.halideName));
  } catch (const Halide::Error &error) {
    throw std::runtime_error(error.what());
  }
}

// To the nearest, of two the even one, by hand; what is too large becomes infinite.
TEST_P(PairProductsOn, RoundTwoNumbersToAWord) {
  Buffer<float> numbers(2 * count);
  std::mt19937 random(4);
  numbers.for_each_value([&](float &number) {
    number = std::ldexp(float(random()) / 4e9f - 0.5f, int(random() % 200) - 100);
  });
  numbers(10) = 1 + 0x1p-8f, numbers(11) = 1 + 3 * 0x1p-8f, numbers(12) = 1 + 0x1.001p-8f;
  numbers(13) = 3.4e38f, numbers(14) = INFINITY, numbers(15) = -INFINITY, numbers(16) = -0.0f;
  for (int lanes : {1, 4, 8, 16, 32}) {
    Buffer<uint32_t> all = round(target, lanes, numbers);
    for (int i = 0; i < 2 * count; i++) {
      const float number = numbers(i), rounded = numberOf(all(i / 2), i % 2);
      const double wanted =
          std::isfinite(number) && number != 0
              ? std::ldexp(std::nearbyint(std::ldexp(double(number), 7 - std::ilogb(number))),
                           std::ilogb(number) - 7)
              : double(number);
      ASSERT_EQ(rounded, float(wanted)) << lanes << " lanes, " << number;
      ASSERT_EQ(std::signbit(rounded), std::signbit(number));
    }
  }
}

TEST_P(PairProductsOn, RoundNaNToNaN) {
  for (uint32_t bits : {0x7fc00000u, 0x7fffffffu, 0xffffffffu, 0xffc00001u, 0x7f800001u})
    for (int lanes : {1, 16}) {
      Buffer<float> numbers(2 * count);
      numbers.fill(1);
      std::memcpy(&numbers(7), &bits, sizeof bits);
      Buffer<uint32_t> all = round(target, lanes, numbers);
      EXPECT_TRUE(std::isnan(numberOf(all(3), 1))) << bits;
      EXPECT_EQ(numberOf(all(3), 0), 1);
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, PairProductsOn,
                         testing::Values("x86-64-avx512", "x86-64-avx512-bf16"),
                         [](const auto &info) {
                           return info.param == "x86-64-avx512" ? "Avx512" : "Avx512Bf16";
                         });

} // namespace
