// Kernels of every kind through everything: compiled, loaded, called, checked.
#include "tools/measure/Library.h"
#include "tests/unit/measure/Presets.h"
#include "tools/measure/Data.h"
#include "tools/measure/Reference.h"

#include <gmock/gmock.h>

using namespace heed;
using namespace heed::measure;
using testing::HasSubstr;

namespace {

/// What a failure says, as a failed test.
void must(llvm::Error error) {
  if (error)
    throw std::runtime_error(llvm::toString(std::move(error)));
}
template <typename T> T must(llvm::Expected<T> value) {
  must(value.takeError());
  return std::move(*value);
}

class LoadedKernels : public WithKernels {
protected:
  static TargetInfo target() { return must(findTarget("x86-64-sse41")); }

  /// What the check says of every kernel on these extents.
  void expectRight(const Kernels &kernels, const Extents &extents, PlanSources plans = {}) {
    Progress progress("measure_test");
    LoadedLibrary library = must(
        LoadedLibrary::load(must(compileShared(kernels.compiled(), target(), plans, progress))));
    library.setThreads(2);
    for (const Kernel &kernel : kernels.all()) {
      Shapes shapes = must(Shapes::resolve(kernel.signature, extents));
      for (Layout layout : {Layout::Bhsd, Layout::Bshd}) {
        Data data = Data::make(kernel.signature, shapes, layout);
        must(library.call(kernel.signature.name, data.arguments()));
        Reference reference = must(Reference::compute(kernel, data.inputs()));
        llvm::Expected<Accuracy> accuracy = reference.check(data.outputs());
        ASSERT_TRUE(bool(accuracy))
            << kernel.signature.name << ": " << llvm::toString(accuracy.takeError());
        EXPECT_GT(accuracy->maxError, 0);
        EXPECT_LT(accuracy->ofBound, 1);
      }
    }
  }

  const Extents attention = {
      {"batch", 2}, {"heads", 4}, {"key_heads", 2}, {"queries", 21}, {"keys", 37}};
};

TEST_F(LoadedKernels, Attention) {
  expectRight(preset({.name = {}, .components = {"causal=bottom_right", "lengths"}, .headDim = 16}),
              attention);
}

TEST_F(LoadedKernels, AttentionInBfloats) {
  expectRight(preset({.name = {}, .components = {"causal"}, .headDim = 16, .dtype = "bf16"}),
              attention);
}

TEST_F(LoadedKernels, AttentionWithMadeOperandsAndMoreResults) {
  expectRight(
      preset({.name = {}, .components = {"rotary", "log_sum_exp", "weights"}, .headDim = 16}),
      {{"batch", 2}, {"heads", 2}, {"queries", 21}, {"keys", 21}});
}

TEST_F(LoadedKernels, ScoresThatAreNoProduct) {
  expectRight(preset({.name = {}, .components = {"additive=8"}, .headDim = 16}), attention);
}

TEST_F(LoadedKernels, ThresholdsAndSigmoids) {
  expectRight(preset({.name = {}, .components = {"normalized=sparsemax"}, .headDim = 16}),
              attention);
  expectRight(preset({.name = {}, .components = {"normalized=sigmoid"}, .headDim = 16}), attention);
}

TEST_F(LoadedKernels, LayersOfBothKinds) {
  expectRight(parsed(linearText), {{"rows", 13}});
  expectRight(parsed(rowwiseText), {{"rows", 13}});
}

TEST_F(LoadedKernels, APlanOfOnesOwn) {
  OnlinePlan plan{.queryTile = 16, .keyTile = 8, .edgeKeyTile = 8, .queryVectors = 1};
  expectRight(preset({.name = {}, .components = {"causal"}, .headDim = 16}), attention,
              {PlanFile::of({target().name, plan})});
  plan.keyTile = 7;
  PlanSources illegal{PlanFile::of({target().name, plan})};
  Progress progress("measure_test");
  mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) {});
  Kernels kernels = preset({.name = {}, .components = {"causal"}, .headDim = 16});
  EXPECT_EQ(
      llvm::toString(compileShared(kernels.compiled(), target(), illegal, progress).takeError()),
      "reported above");
}

TEST_F(LoadedKernels, WhatTheRuntimeRefusesIsSaid) {
  Kernels kernels = preset({.name = {}, .components = {"causal"}, .headDim = 16});
  PlanSources plans;
  Progress progress("measure_test");
  LoadedLibrary library =
      must(LoadedLibrary::load(must(compileShared(kernels.compiled(), target(), plans, progress))));
  const Kernel &kernel = kernels.all().front();
  Shapes shapes = must(Shapes::resolve(kernel.signature, attention));
  Data data = Data::make(kernel.signature, shapes, Layout::Bshd);
  std::vector<const DLTensor *> arguments = data.arguments();
  std::swap(arguments[0], arguments[1]);
  EXPECT_THAT(llvm::toString(library.call("causal", arguments)),
              HasSubstr("extent 1 (keys) is 37, but 'k' has 21"));
  arguments.resize(25, arguments[0]);
  EXPECT_EQ(llvm::toString(library.call("causal", arguments)),
            "causal takes 25 tensors; kernels of at most 24 can be measured");
}

} // namespace
