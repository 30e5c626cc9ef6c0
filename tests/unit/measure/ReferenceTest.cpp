#include "tools/measure/Reference.h"
#include "compiler/reference/Interpreter.h"
#include "tests/unit/measure/Presets.h"
#include "tools/measure/Data.h"

#include <gmock/gmock.h>

#include <limits>

using namespace heed;
using namespace heed::measure;
using testing::HasSubstr;

namespace {

/// A kernel and inputs for it, and what is right.
class References : public WithKernels {
protected:
  void build(Kernels of, llvm::StringRef shape) {
    kernels = std::move(of);
    const Kernel &kernel = kernels->all().front();
    Shapes shapes =
        llvm::cantFail(Shapes::resolve(kernel.signature, llvm::cantFail(parseExtents(shape))));
    inputs = Data::make(kernel.signature, shapes, Layout::Bshd).inputs();
    reference = llvm::cantFail(Reference::compute(kernel, inputs));
  }
  void build(std::vector<std::string> components, llvm::StringRef shape) {
    build(preset({.name = {}, .components = components, .headDim = 4}), shape);
    right = *interpret(kernels->all().front().described, inputs);
  }
  std::string errorOf(const std::vector<Array> &outputs) {
    return llvm::toString(reference.check(outputs).takeError());
  }

  std::optional<Kernels> kernels;
  std::vector<Array> inputs, right;
  Reference reference;
};

TEST_F(References, WhatIsRightPasses) {
  build({"causal"}, "b=2,h=2,hk=1,q=9,k=12");
  Accuracy accuracy = llvm::cantFail(reference.check(right));
  EXPECT_EQ(accuracy.maxError, 0);
  for (double &value : right[0].values)
    value = static_cast<float>(value);
  accuracy = llvm::cantFail(reference.check(right));
  EXPECT_GT(accuracy.maxError, 0);
  EXPECT_LT(accuracy.ofBound, 1);
}

TEST_F(References, OneWrongElementIsSeen) {
  build({"causal"}, "b=2,h=2,hk=1,q=9,k=12");
  right[0].values[right[0].values.size() / 2] += 1e-4;
  EXPECT_THAT(errorOf(right), HasSubstr("wrong result: the largest error, 0.0001, is "));
}

// Where the largest weight's value is 0, an output is made of the smallest weights only.
TEST_F(References, WeightsMayBeAsSmallAsExp2Gives) {
  build(preset({.name = {}, .components = {"causal", "int8_cache"}, .headDim = 64}), "q=64");
  right = *interpret(kernels->all().front().described, inputs);
  int tiny = 0;
  for (double &value : right[0].values)
    if (value != 0 && std::abs(value) < 1e-24) {
      value += 0x1p-99;
      tiny++;
    }
  EXPECT_GT(tiny, 0);
  llvm::cantFail(reference.check(right));
}

TEST_F(References, LongSequencesAreLookedAtOnBothEnds) {
  build({"causal"}, "q=600"); // 333 rows are checked
  for (int64_t row : {0, 599}) {
    std::vector<Array> wrong = right;
    wrong[0]({0, row, 0, 1}) += 1;
    EXPECT_THAT(errorOf(wrong), HasSubstr("wrong result")) << row;
  }
}

TEST_F(References, WhatIsNotFiniteIsPlaced) {
  build(std::vector<std::string>(), "b=2,h=3,q=5");
  right[0]({1, 2, 1, 0}) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(errorOf(right), "wrong result: out[1, 2, 1, 0] is nan");
}

TEST_F(References, OtherResultsAreLookedAt) {
  build(preset({.name = {}, .components = {"causal", "log_sum_exp", "weights"}, .headDim = 4}),
        "q=5");
  right = *interpret(kernels->all().front().described, inputs);
  ASSERT_EQ(right.size(), 3u);
  llvm::cantFail(reference.check(right));
  for (size_t output : {1, 2}) {
    std::vector<Array> wrong = right;
    wrong[output].values.back() += 1e-4;
    EXPECT_THAT(errorOf(wrong), HasSubstr("wrong result")) << output;
    wrong[output].values.back() = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(errorOf(wrong), HasSubstr("the largest error, inf")) << output;
  }
}

TEST_F(References, BfloatsMayBeRounded) {
  build(preset({.name = {}, .components = {"causal"}, .headDim = 4, .dtype = "bf16"}), "q=5");
  right = *interpret(kernels->all().front().described, inputs);
  for (double &value : right[0].values)
    value *= 1 + 0x1p-9;
  llvm::cantFail(reference.check(right));
  for (double &value : right[0].values)
    value *= 1 + 0x1p-6;
  EXPECT_THAT(errorOf(right), HasSubstr("wrong result"));
}

TEST_F(References, LinearKernelsTakePackedWeights) {
  build(parsed(linearText), "r=3");
  const Array &x = inputs[0], &packed = inputs[1], &bias = inputs[2];
  ASSERT_EQ(packed.shape[2] * packed.shape[0] >= 50, true);
  Array y({3, 50});
  for (int64_t row = 0; row < 3; ++row)
    for (int64_t o = 0; o < 50; ++o) {
      y({row, o}) = bias({o});
      for (int64_t i = 0; i < 20; ++i)
        y({row, o}) += x({row, i}) * packed({o / packed.shape[2], i, o % packed.shape[2]});
    }
  llvm::cantFail(reference.check({y}));
  y({2, 49}) += 1e-4;
  EXPECT_THAT(errorOf({y}), HasSubstr("wrong result"));
}

} // namespace
