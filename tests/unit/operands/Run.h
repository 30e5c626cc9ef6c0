// Compiles attention kernels from text, and calls them.
#pragma once

#include "compiler/transforms/Pipeline.h"
#include "schedules/families/Families.h"
#include "tests/unit/Parse.h"
#include "tests/unit/linear/Jit.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <random>

namespace heed::test {

/// `extents` in the tensor's order; filled from N(0, scale).
template <typename T>
Halide::Buffer<T> random(std::vector<int> extents, unsigned seed, double scale = 1) {
  Halide::Buffer<T> buffer(std::vector<int>(extents.rbegin(), extents.rend()));
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, scale);
  buffer.for_each_value([&](T &value) { value = T(float(normal(generator))); });
  return buffer;
}

template <typename T> Halide::Buffer<T> zeros(std::vector<int> extents) {
  Halide::Buffer<T> buffer(std::vector<int>(extents.rbegin(), extents.rend()));
  buffer.fill(T(0.0f));
  return buffer;
}

/// One kernel of one target.
class Compiled {
public:
  Compiled(const std::string &text, const TargetInfo &target, bool runPasses = true,
           bool sharesRows = true)
      : parsed(text) {
    parsed.context.loadDialect<mlir::arith::ArithDialect, mlir::math::MathDialect>();
    if (!parsed) {
      ADD_FAILURE() << parsed.errors;
      return;
    }
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    if (runPasses && failed(passes.run(*parsed.module))) {
      ADD_FAILURE() << parsed.errors;
      return;
    }
    auto plans = defaultPlans(parsed.kernel(), target);
    Plan plan = plans->back().plan;
    if (auto *online = std::get_if<OnlinePlan>(&plan.form); online && !sharesRows)
      online->taskTiles = 1;
    auto entries = buildEntries(parsed.kernel(), plan);
    if (failed(entries)) {
      ADD_FAILURE() << parsed.errors;
      return;
    }
    Stage stage = entries->front().stages.front();
    stage.target.set_feature(Halide::Target::NoRuntime, false);
    stage.target.set_feature(Halide::Target::StrictFloat); // as what is shipped
    try {
      callable = stage.pipeline.compile_to_callable(stage.inputs, stage.target);
    } catch (const Halide::Error &error) {
      ADD_FAILURE() << error.what();
    }
  }

  template <typename... Buffers> void operator()(Buffers &...buffers) {
    if (callable.defined())
      EXPECT_EQ(callable(Halide::Buffer<>(buffers)...), 0);
  }

  Parsed parsed;

private:
  Halide::Callable callable;
};

/// attention(q, k, v)[b, i, h, :] by the textbook, in float64; score(b, h, i, j).
template <typename Score, typename Value, typename Out>
double worstError(Halide::Buffer<Out> &out, int keys, Score score, Value value) {
  double worst = 0;
  for (int b = 0; b < out.dim(3).extent(); b++)
    for (int i = 0; i < out.dim(2).extent(); i++)
      for (int h = 0; h < out.dim(1).extent(); h++) {
        std::vector<double> scores(keys);
        double largest = -1e300, sum = 0;
        for (int j = 0; j < keys; j++)
          largest = std::max(largest, scores[j] = score(b, h, i, j));
        for (double &s : scores)
          sum += s = std::exp(s - largest);
        for (int d = 0; d < out.dim(0).extent(); d++) {
          double expected = 0;
          for (int j = 0; j < keys; j++)
            expected += scores[j] / sum * value(b, h, j, d);
          worst = std::max(worst, std::abs(expected - double(out(d, h, i, b))));
          if (std::isnan(double(out(d, h, i, b))))
            return 1e300;
        }
      }
  return worst;
}

} // namespace heed::test
