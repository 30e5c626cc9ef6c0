// The row graph by itself, before anyone schedules it: with every tile at 1 it is the textbook
// formula, and tiles change nothing.
#include "compiler/graph/Row.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/graph/AttentionProgram.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Pipeline.h"
#include "tests/unit/Parse.h"
#include "tests/unit/graph/OneHead.h"

#include "mlir/Pass/PassManager.h"

#include <cmath>

using namespace heed;
using namespace heed::test;

namespace {

/// One head, keys up to the query's own place and two beyond.
std::string banded(const std::string &normalizer) {
  return R"(
attn.kernel @banded(%q: tensor<1x5x1x3xf32>, %k: tensor<1x7x1x3xf32>, %v: tensor<1x7x1x3xf32>)
    -> (tensor<1x5x1x3xf32>, tensor<1x1x5x7xf32>, tensor<1x1x5x7xf32>, tensor<1x1x7xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<1x5x1x3xf32>, tensor<1x7x1x3xf32>) -> tensor<1x1x5x7xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c2 = arith.constant 2 : index
    %end = arith.addi %query, %c2 : index
    %keep = arith.cmpi sle, %key, %end : index
    attn.yield %keep : i1
  } : tensor<1x1x5x7xf32>
  %w = attn.normalize )" +
         normalizer + R"( %m : tensor<1x1x5x7xf32>
  %n = attn.key_sum %w : tensor<1x1x5x7xf32> -> tensor<1x1x7xf32>
  %o = attn.weighted_sum %w, %v : (tensor<1x1x5x7xf32>, tensor<1x7x1x3xf32>) -> tensor<1x5x1x3xf32>
  attn.return %o, %m, %w, %n
      : tensor<1x5x1x3xf32>, tensor<1x1x5x7xf32>, tensor<1x1x5x7xf32>, tensor<1x1x7xf32>
})";
}

class RowGraph : public testing::TestWithParam<RowPlan> {
protected:
  Halide::Buffer<float> q = filled(queries, 0), k = filled(keys, 1), v = filled(keys, 2);

  void expectTheFormula(const std::string &text) {
    Parsed parsed(text);
    ASSERT_TRUE(parsed) << parsed.errors;
    std::vector<Array> expected = *interpret(parsed.kernel(), {arrayOf(q), arrayOf(k), arrayOf(v)});
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    ASSERT_TRUE(succeeded(passes.run(*parsed.module))) << parsed.errors;
    AttentionView view = *viewAttention(parsed.kernel());
    Operands operands(*kernelSignature(parsed.kernel()));
    PairProgram program = *readAttention(view, operands);
    operands.buffer(view.query).set(q);
    operands.buffer(view.key).set(k);
    operands.buffer(view.value).set(v);
    PairProgram natural = program;
    natural.unit = 1;
    expectResult(program, RowResult::Output, {dim, 1, queries, 1}, expected[0]);
    expectResult(natural, RowResult::Scores, {keys, queries, 1, 1}, expected[1]);
    expectResult(program, RowResult::Weights, {keys, queries, 1, 1}, expected[2]);
    expectResult(program, RowResult::KeySums, {keys, 1, 1}, expected[3]);
  }

  /// One head of one batch entry: a buffer's elements stand in the tensor's order.
  void expectResult(const PairProgram &program, RowResult result, std::vector<int> extents,
                    const Array &expected) {
    RowStages stages = buildRow(program, GetParam(), result);
    Halide::Buffer<float> out(extents);
    stages.output.realize(out);
    for (size_t i = 0; i < expected.values.size(); i++)
      if (std::isinf(expected.values[i]))
        EXPECT_EQ(out.data()[i], expected.values[i]) << "result " << int(result) << ", " << i;
      else
        EXPECT_NEAR(out.data()[i], expected.values[i], 2e-6)
            << "result " << int(result) << ", " << i;
  }
};

INSTANTIATE_TEST_SUITE_P(Tiles, RowGraph,
                         testing::Values(RowPlan{1, 1, 1, 1}, RowPlan{2, 3, 1, 2}));

} // namespace

TEST_P(RowGraph, IsTheFormula) { expectTheFormula(banded("softmax")); }

TEST_P(RowGraph, FindsThresholds) {
  for (const char *kind : {"sparsemax", "entmax15"}) {
    SCOPED_TRACE(kind);
    expectTheFormula(banded(kind));
  }
}
