// The graphs that take keys block by block, by themselves, before anyone schedules them: with every
// tile at 1 they are the textbook formula, and tiles change nothing. What schedules, shapes and
// regions do to them is tests/property's.
#include "compiler/dialect/KernelView.h"
#include "compiler/graph/AttentionProgram.h"
#include "compiler/graph/Online.h"
#include "compiler/graph/Split.h"
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
constexpr const char *text = R"(
attn.kernel @banded(%q: tensor<1x5x1x3xf32>, %k: tensor<1x7x1x3xf32>, %v: tensor<1x7x1x3xf32>)
    -> (tensor<1x5x1x3xf32>, tensor<1x1x5xf32>) {
  %s = attn.score scaled_dot %q, %k : (tensor<1x5x1x3xf32>, tensor<1x7x1x3xf32>) -> tensor<1x1x5x7xf32>
  %m = attn.mask %s {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %c2 = arith.constant 2 : index
    %end = arith.addi %query, %c2 : index
    %keep = arith.cmpi sle, %key, %end : index
    attn.yield %keep : i1
  } : tensor<1x1x5x7xf32>
  %w = attn.normalize softmax %m : tensor<1x1x5x7xf32>
  %lse = attn.log_sum_exp %m : tensor<1x1x5x7xf32> -> tensor<1x1x5xf32>
  %o = attn.weighted_sum %w, %v : (tensor<1x1x5x7xf32>, tensor<1x7x1x3xf32>) -> tensor<1x5x1x3xf32>
  attn.return %o, %lse : tensor<1x5x1x3xf32>, tensor<1x1x5xf32>
})";

class BlockGraphs : public testing::Test {
protected:
  Parsed parsed{text};
  Halide::Buffer<float> q = filled(queries, 0), k = filled(keys, 1), v = filled(keys, 2);

  /// An online form whose tiles are counted from the last query.
  struct FromLast {
    OnlinePlan plan;
  };

  static Halide::Func build(const PairProgram &program, const OnlinePlan &plan) {
    return buildOnline(program, plan, 1, true).output;
  }
  static Halide::Func build(const PairProgram &program, const FromLast &form) {
    TileOrder order = tileOrderOf(program);
    EXPECT_TRUE(order.fromLast) << "the last query looks at more keys than the first";
    EXPECT_FALSE(order.forwards);
    return buildOnline(program, form.plan, 1, true, order).output;
  }
  static Halide::Func build(const PairProgram &program, const SplitPlan &plan) {
    return buildSplit(program, plan, 4, true).output;
  }

  /// Output and log-sum-exp, from the graph as it is built, realized without a schedule.
  template <typename Form>
  std::pair<Halide::Buffer<float>, Halide::Buffer<float>> realize(const Form &plan) {
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    EXPECT_TRUE(succeeded(passes.run(*parsed.module))) << parsed.errors;
    attn::KernelOp kernel = parsed.kernel();
    AttentionView view = *viewAttention(kernel);
    Operands operands(*kernelSignature(kernel));
    PairProgram program = *readAttention(view, operands);
    Halide::Func output = build(program, plan);
    operands.buffer(view.query).set(q);
    operands.buffer(view.key).set(k);
    operands.buffer(view.value).set(v);
    Halide::Buffer<float> out(dim, 1, queries, 1), lse(dim, 1, queries, 1);
    lse.raw_buffer()->dim[0].stride = 0;
    output.realize(Halide::Realization({out, lse}));
    if constexpr (std::is_same_v<Form, FromLast>)
      for (Halide::Buffer<float> *rows : {&out, &lse}) {
        Halide::Buffer<float> stored = rows->copy();
        rows->for_each_element([&](int d, int head, int i, int batch) {
          (*rows)(d, head, i, batch) = stored(d, head, queries - 1 - i, batch);
        });
      }
    return {out, lse};
  }

  template <typename Form> void expectTheFormula(const Form &plan) {
    ASSERT_TRUE(parsed) << parsed.errors;
    std::vector<Array> expected = *interpret(parsed.kernel(), {arrayOf(q), arrayOf(k), arrayOf(v)});
    auto [out, lse] = realize(plan);
    for (int i = 0; i < queries; i++) {
      EXPECT_NEAR(lse(0, 0, i, 0), expected[1]({0, 0, i}), 1e-6) << "query " << i;
      for (int d = 0; d < dim; d++)
        EXPECT_NEAR(out(d, 0, i, 0), expected[0]({0, i, 0, d}), 1e-6)
            << "query " << i << ", column " << d;
    }
  }
};

} // namespace

TEST_F(BlockGraphs, WithEveryTileAtOneIsTheFormula) {
  expectTheFormula(OnlinePlan{.queryTile = 1,
                              .keyTile = 1,
                              .edgeKeyTile = 1,
                              .queryVectors = 1,
                              .keyUnroll = 1,
                              .depthUnroll = 1,
                              .reduceUnroll = 1});
  expectTheFormula(SplitPlan{.partKeys = 1,
                             .keyTile = 1,
                             .keyHeads = 1,
                             .rowTile = 1,
                             .keyUnroll = 1,
                             .columnVectors = 1,
                             .reduceUnroll = 1});
}

TEST_F(BlockGraphs, TilesChangeNothing) {
  expectTheFormula(OnlinePlan{.queryTile = 4,
                              .keyTile = 4,
                              .edgeKeyTile = 2,
                              .queryVectors = 1,
                              .keyUnroll = 2,
                              .depthUnroll = 2,
                              .reduceUnroll = 1});
  expectTheFormula(SplitPlan{.partKeys = 4,
                             .keyTile = 2,
                             .keyHeads = 1,
                             .rowTile = 3,
                             .keyUnroll = 2,
                             .columnVectors = 1,
                             .reduceUnroll = 1});
}

// 5 queries: the last tile of 4 has three lanes before the first query, that of 3 has one.
TEST_F(BlockGraphs, TilesMayBeCountedFromTheLastQuery) {
  for (int queryTile : {1, 3, 4})
    expectTheFormula(FromLast{{.queryTile = queryTile,
                               .keyTile = 4,
                               .edgeKeyTile = 2,
                               .queryVectors = 1,
                               .keyUnroll = 2,
                               .depthUnroll = 2,
                               .reduceUnroll = 1}});
}

// Weights of 0 do not hide a NaN, so what a mask drops for every query of a tile may not even be
// read.
TEST_F(BlockGraphs, AValueUnderAMaskReachesOnlyTilesThatLoadIt) {
  ASSERT_TRUE(parsed) << parsed.errors;
  v(0, 0, keys - 1, 0) = std::nanf("");
  auto [out, lse] = realize(OnlinePlan{.queryTile = 2,
                                       .keyTile = 2,
                                       .edgeKeyTile = 1,
                                       .queryVectors = 1,
                                       .keyUnroll = 1,
                                       .depthUnroll = 1,
                                       .reduceUnroll = 1});
  for (int i = 0; i < queries; i++)
    EXPECT_EQ(std::isnan(out(0, 0, i, 0)), i + 2 >= keys - 1) << "query " << i;
}
