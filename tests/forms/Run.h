// Kernels that the builder describes, in each form, called through the runtime on tensors between
// guard pages.
#pragma once

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Pipeline.h"
#include "tests/property/Kernel.h"
#include "tests/unit/Parse.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"

#include <heed/builder.h>

#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

namespace heed::test {

/// A plan of each form whose tiles are as small as they get: several tiles in a few rows, and
/// little code to compile.
inline std::vector<Plan> smallPlans() {
  TargetInfo avx2 = llvm::cantFail(findTarget("x86-64-avx2"));
  return {
      {avx2.name, OnlinePlan{.queryTile = avx2.lanes,
                             .keyTile = 4,
                             .edgeKeyTile = 2,
                             .queryVectors = 1,
                             .keyUnroll = 1,
                             .depthUnroll = 1,
                             .reduceUnroll = 1}},
      {avx2.name, RowPlan{.queryTile = avx2.lanes, .keyTile = 4, .keyUnroll = 1, .depthUnroll = 1}},
      {avx2.name, SplitPlan{.partKeys = 8,
                            .keyTile = 4,
                            .keyHeads = 1,
                            .rowTile = 1,
                            .keyUnroll = 1,
                            .columnVectors = 1,
                            .reduceUnroll = 1}}};
}

/// Element by element; infinities are alike.
inline void expectNear(const Array &actual, const Array &expected) {
  for (size_t i = 0; i < actual.values.size(); i++)
    if (double wanted = expected.values[i]; std::isfinite(wanted))
      ASSERT_NEAR(actual.values[i], wanted, 2e-5) << "element " << i;
    else
      ASSERT_EQ(actual.values[i], wanted) << "element " << i;
}

/// Numbers that every type of storage holds exactly, int8 too: whole ones from -most to most.
inline Array wholeNumbers(std::vector<int64_t> shape, unsigned seed, int most = 2) {
  Array array(std::move(shape));
  std::mt19937 generator(seed);
  for (double &value : array.values)
    value = int(generator() % unsigned(2 * most + 1)) - most;
  return array;
}

/// One kernel.
class Compiled {
public:
  /// Under the plan that `choose` gives; throws what is said where there is none.
  Compiled(const std::string &text, const std::function<Plan(attn::KernelOp)> &choose)
      : described(text), parsed(text) {
    parsed.context.loadDialect<mlir::arith::ArithDialect, mlir::math::MathDialect>();
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    if (!parsed || !described || failed(passes.run(*parsed.module)))
      throw std::runtime_error(parsed.errors + text);
    signature = *kernelSignature(parsed.kernel());
    auto compiled = property::Kernel::compile(parsed.kernel(), choose(parsed.kernel()));
    if (failed(compiled))
      throw std::runtime_error(parsed.errors + text);
    kernel.emplace(std::move(*compiled));
  }
  Compiled(const std::string &text, const Plan &plan)
      : Compiled(text, [&](attn::KernelOp) { return plan; }) {}

  /// The results for `inputs`, which are rounded to the tensors' types.
  std::vector<Array> run(const std::vector<Array> &inputs) {
    property::Tensors tensors = tensorsOf(inputs);
    EXPECT_EQ(kernel->call(tensors), "");
    std::vector<Array> results;
    for (const auto &tensor : tensors.outputs)
      results.push_back(tensor->toArray());
    return results;
  }

  /// What the runtime says to a call that may touch no tensor but those of integers.
  std::string callUntouched(const std::vector<Array> &inputs) {
    property::Tensors tensors = tensorsOf(inputs);
    for (size_t i = 0; i < signature.arguments.size(); i++)
      if (signature.arguments[i].type != ElementType::I32)
        (i < inputs.size() ? tensors.inputs[i] : tensors.outputs[i - inputs.size()])->lock();
    return kernel->call(tensors);
  }

  /// What they have to be, but for rounding.
  std::vector<Array> expected(const std::vector<Array> &inputs) {
    auto results = interpret(described.kernel(), inputs);
    EXPECT_TRUE(succeeded(results)) << described.errors;
    return *results;
  }

private:
  Parsed described, parsed;
  Signature signature;
  std::optional<property::Kernel> kernel;

  property::Tensors tensorsOf(const std::vector<Array> &inputs) const {
    property::Tensors tensors;
    std::map<int64_t, int64_t> symbols;
    for (size_t i = 0; i < signature.arguments.size(); i++) {
      const SignatureArgument &argument = signature.arguments[i];
      bool isInput = i < inputs.size();
      std::vector<int64_t> shape = isInput ? inputs[i].shape : argument.shape;
      for (size_t axis = 0; axis < shape.size(); axis++)
        if (isInput)
          symbols[argument.shape[axis]] = shape[axis];
        else if (shape[axis] < 0)
          shape[axis] = symbols.at(shape[axis]);
      auto tensor = std::make_unique<property::Tensor>(argument.type, shape, compact(shape.size()));
      if (isInput)
        property::forEachIndex(shape, [&](const auto &at) { tensor->set(at, inputs[i](at)); });
      (isInput ? tensors.inputs : tensors.outputs).push_back(std::move(tensor));
    }
    return tensors;
  }

  static property::Layout compact(size_t rank) {
    property::Layout layout{std::vector<int>(rank), std::vector<int>(rank), std::vector<bool>(rank),
                            std::vector<bool>(rank)};
    std::iota(layout.order.begin(), layout.order.end(), 0);
    return layout;
  }
};

} // namespace heed::test
