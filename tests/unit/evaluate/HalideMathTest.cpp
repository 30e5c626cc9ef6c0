// The polynomials of HalideMath.h against libm in float64, over their whole range, and at the ends.
#include "compiler/evaluate/HalideMath.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();

using Approximation = std::function<Halide::Expr(Halide::Expr)>;

std::vector<float> run(const Approximation &approximation, std::vector<float> inputs) {
  inputs.resize((inputs.size() + 7) / 8 * 8, 0.0f);
  Halide::Buffer<float> input(inputs.data(), static_cast<int>(inputs.size()));
  Halide::Var i;
  Halide::Func f;
  f(i) = approximation(input(i));
  f.vectorize(i, 8);
  Halide::Buffer<float> output = f.realize({static_cast<int>(inputs.size())});
  return std::vector<float>(output.begin(), output.end());
}

/// Values from low to high: evenly spaced, and the floats around whole numbers.
std::vector<float> samples(float low, float high) {
  std::vector<float> result;
  for (int i = 0; i <= 20000; ++i)
    result.push_back(low + (high - low) * static_cast<float>(i) / 20000);
  for (float whole = std::ceil(low); whole <= high; ++whole)
    result.insert(result.end(), {std::nextafter(whole, low), whole, std::nextafter(whole, high)});
  for (float small = 1e-30f; small < high; small *= 7)
    result.insert(result.end(), {small, -small});
  std::erase_if(result,
                [&](float x) { return x < low || x > high || std::fpclassify(x) == FP_SUBNORMAL; });
  return result;
}

/// The largest relative error over [low, high].
double worst(const Approximation &approximation, double (*exact)(double), float low, float high) {
  std::vector<float> inputs = samples(low, high), outputs = run(approximation, inputs);
  double error = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    double expected = exact(inputs[i]);
    double scale = expected == 0 ? 1 : std::abs(expected);
    error = std::max(error, std::abs(outputs[i] - expected) / scale);
  }
  return error;
}

TEST(HalideMath, DoublesAreLibmsOwn) {
  struct Function {
    Approximation approximation;
    double (*exact)(double);
  };
  for (const Function &f :
       {Function{heed::exp2Approx, std::exp2}, {heed::expApprox, std::exp},
        {heed::decayApprox, [](double x) { return std::exp2(std::max(x, -100.0)); }},
        {heed::tanhApprox, std::tanh}, {heed::erfApprox, std::erf}, {heed::logApprox, std::log}}) {
    Halide::Buffer<double> input(16), output(16);
    for (int i = 0; i < 15; ++i)
      input(i) = i == 0 ? -200.0 : -0.37 * i;
    if (f.exact(-1) != f.exact(-1)) // a logarithm
      input.for_each_value([](double &x) { x = -x; });
    input(15) = std::nan("");
    Halide::Var i;
    Halide::Func func;
    func(i) = f.approximation(input(i));
    func.vectorize(i, 8).realize(output);
    for (int n = 0; n < 15; ++n) {
      double exact = f.exact(input(n));
      EXPECT_NEAR(output(n), exact, 1e-14 * std::abs(exact)) << input(n);
    }
    EXPECT_TRUE(std::isnan(output(15)));
  }
}

TEST(HalideMath, Exp2) {
  EXPECT_LT(worst(heed::exp2Approx, std::exp2, -125, 127.999f), 3e-7);
  EXPECT_EQ(run(heed::exp2Approx, {0, 1, -1, 10, -100}),
            (std::vector<float>{1, 2, 0.5, 1024, 0x1p-100f, 1, 1, 1}));
}

TEST(HalideMath, Exp) {
  EXPECT_LT(worst(heed::expApprox, std::exp, -86.6f, 88.72f), 3e-7);
  EXPECT_EQ(run(heed::expApprox, {0})[0], 1.0f);
}

TEST(HalideMath, Tanh) { EXPECT_LT(worst(heed::tanhApprox, std::tanh, -20, 20), 1e-6); }

TEST(HalideMath, Erf) { EXPECT_LT(worst(heed::erfApprox, std::erf, -6, 6), 6e-7); }

TEST(HalideMath, EndsAndNaN) {
  std::vector<float> ends = {infinity, -infinity, notANumber, -notANumber, 200, -200, 0, -0.0f};
  struct {
    Approximation approximation;
    std::vector<float> expected; // of the infinities, and of +-200
  } cases[] = {{heed::exp2Approx, {infinity, 0, infinity, 0}},
               {heed::expApprox, {infinity, 0, infinity, 0}},
               {heed::tanhApprox, {1, -1, 1, -1}},
               {heed::erfApprox, {1, -1, 1, -1}}};
  for (const auto &[approximation, expected] : cases) {
    std::vector<float> results = run(approximation, ends);
    EXPECT_FLOAT_EQ(results[0], expected[0]);
    EXPECT_FLOAT_EQ(results[1], expected[1]);
    EXPECT_TRUE(std::isnan(results[2]));
    EXPECT_TRUE(std::isnan(results[3]));
    EXPECT_FLOAT_EQ(results[4], expected[2]);
    EXPECT_FLOAT_EQ(results[5], expected[3]);
  }
}

TEST(HalideMath, DecayFromAnyPower) {
  Approximation decay = [](Halide::Expr x) { return heed::decayFrom(heed::exp2Approx, x); };
  EXPECT_LT(worst(decay, std::exp2, -100, 0), 3e-7);
  std::vector<float> results = run(decay, {0, -100.5f, -infinity, notANumber, -1e30f});
  float least = std::ldexp(1.0f, -100);
  EXPECT_EQ(results[0], 1);
  for (int i : {1, 2, 4})
    EXPECT_EQ(results[size_t(i)], least);
  EXPECT_TRUE(std::isnan(results[3]));
}

TEST(HalideMath, BitsDecide) {
  std::vector<float> inputs = {0,           infinity, -infinity, notANumber,
                               -notANumber, 1e38f,    1e-40f,    -0.0f};
  auto isNaN = [](Halide::Expr x) { return Halide::cast<float>(heed::isNaNBits(x)); };
  EXPECT_EQ(run(isNaN, inputs), (std::vector<float>{0, 0, 0, 1, 1, 0, 0, 0}));
  auto pick = [](Halide::Expr x) { return heed::selectBits(heed::isNaNBits(x), x, 7.0f); };
  std::vector<float> picked = run(pick, inputs);
  EXPECT_TRUE(std::isnan(picked[3]));
  EXPECT_EQ(picked[1], 7.0f);
}

} // namespace
