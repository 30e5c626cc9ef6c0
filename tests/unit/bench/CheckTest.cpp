#include "tools/heed-bench/Check.h"
#include "compiler/dialect/presets/Presets.h"
#include "compiler/reference/Interpreter.h"
#include "tools/heed-bench/Slice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

using namespace heed;
using namespace heed::bench;
using testing::HasSubstr;

namespace {

/// A kernel and inputs for it, and what is right.
class Check : public testing::Test {
protected:
  Check() {
    context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  }

  void build(std::vector<std::string> components, const char *shape) {
    Case c = llvm::cantFail(parseShape(shape, components));
    kernel.described = llvm::cantFail(
        buildPreset(context, {.name = {}, .components = components, .headDim = c.dim}));
    kernel.signature = *kernelSignature(kernel.description());
    auto tensors = llvm::cantFail(makeTensors(c, kernel.signature, Layout::Bshd));
    inputs.clear();
    for (const Tensor &tensor : llvm::ArrayRef(tensors).drop_back())
      inputs.push_back(tensor.toArray());
    right = interpret(kernel.description(), inputs)->front();
  }

  mlir::MLIRContext context;
  Kernel kernel;
  std::vector<Array> inputs;
  Array right;
};

TEST_F(Check, SlicesAreTheWholeKernelsRows) {
  for (std::vector<std::string> components : {std::vector<std::string>{"causal"},
                                              {"causal=bottom_right", "alibi"},
                                              {"window=2:1:bottom_right"},
                                              {"bias"},
                                              {"prefix=2", "softcap=3"},
                                              {"lengths", "causal=bottom_right"}}) {
    build(components, "b=2,h=2,hk=1,q=6,k=9,d=4");
    constexpr int64_t first = 2, count = 3;
    auto slice = sliceQueries(kernel.description(), first, 6);
    std::vector<Array> sliced = inputs;
    sliced[0] = Array({2, count, 2, 4});
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t i = 0; i < count; ++i)
        for (int64_t h = 0; h < 2; ++h)
          for (int64_t d = 0; d < 4; ++d)
            sliced[0]({b, i, h, d}) = inputs[0]({b, first + i, h, d});
    auto part = interpret(*slice->getOps<attn::KernelOp>().begin(), sliced);
    ASSERT_TRUE(succeeded(part)) << components.front();
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t i = 0; i < count; ++i)
        for (int64_t h = 0; h < 2; ++h)
          for (int64_t d = 0; d < 4; ++d)
            EXPECT_EQ(part->front()({b, i, h, d}), right({b, first + i, h, d}))
                << components.front();
  }
}

TEST_F(Check, WhatIsRightPasses) {
  build({"causal"}, "b=2,h=2,hk=1,q=9,k=12,d=5");
  Accuracy accuracy = llvm::cantFail(checkOutput(kernel, inputs, right));
  EXPECT_EQ(accuracy.maxError, 0);
  for (double &value : right.values)
    value = static_cast<float>(value);
  accuracy = llvm::cantFail(checkOutput(kernel, inputs, right));
  EXPECT_GT(accuracy.maxError, 0);
  EXPECT_LT(accuracy.ofBound, 1);
}

TEST_F(Check, OneWrongElementIsSeen) {
  build({"causal"}, "b=2,h=2,hk=1,q=9,k=12,d=5");
  right.values[right.values.size() / 2] += 1e-4;
  EXPECT_THAT(llvm::toString(checkOutput(kernel, inputs, right).takeError()),
              HasSubstr("wrong result: the largest error, 0.0001, is "));
}

TEST_F(Check, LongSequencesAreLookedAtOnBothEnds) {
  build({"causal"}, "q=600,d=2"); // 333 rows are checked
  for (int64_t row : {0, 599}) {
    Array wrong = right;
    wrong({0, row, 0, 1}) += 1;
    EXPECT_THAT(llvm::toString(checkOutput(kernel, inputs, wrong).takeError()),
                HasSubstr("wrong result"))
        << row;
  }
}

TEST_F(Check, WhatIsNotFiniteIsPlaced) {
  build({}, "b=2,h=3,q=5,d=2");
  right({1, 2, 1, 0}) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(llvm::toString(checkOutput(kernel, inputs, right).takeError()),
            "wrong result: element (batch 1, query 2, head 1, column 0) is nan");
}

} // namespace
