// Linear and rowwise kernels by hand.
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;
using testing::DoubleNear;
using testing::ElementsAre;

namespace {

TEST(Linear, MultipliesThenAppliesTheEpilogue) {
  Parsed parsed(R"(
attn.kernel @k(%x: tensor<?x2xf32>, %w: tensor<2x3xf32>, %bias: tensor<3xf32>, %r: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = attn.linear %x, %w captures(%bias, %r : tensor<3xf32>, tensor<?x3xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<3xf32>, %t: tensor<?x3xf32>):
    %zero = arith.constant 0.0 : f32
    %p = attn.load %b[%column] : tensor<3xf32>
    %q = arith.addf %acc, %p : f32
    %relu = arith.maximumf %q, %zero : f32
    %s = attn.load %t[%row, %column] : tensor<?x3xf32>
    %sum = arith.addf %relu, %s : f32
    attn.yield %sum : f32
  } : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  attn.return %y : tensor<?x3xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  // Rows of x: (1, 2), (0, -1). x w = (9, 12, 15), (-4, -5, -6).
  auto results = interpret(parsed.kernel(),
                           {Array({2, 2}, {1, 2, 0, -1}), Array({2, 3}, {1, 2, 3, 4, 5, 6}),
                            Array({3}, {0, 0, 10}), Array({2, 3}, {100, 100, 100, 200, 200, 200})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[0].values, ElementsAre(109, 112, 125, 200, 200, 204));
}

// Variance needs a sum that uses a sum.
TEST(Rowwise, SumsMayUseSums) {
  Parsed parsed(R"(
attn.kernel @norm(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = attn.rowwise captures(%x : tensor<?x4xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x4xf32>):
    %n = arith.constant 0.25 : f32
    %a = attn.load %t[%row, %column] : tensor<?x4xf32>
    %total = attn.row_sum %a : f32
    %mean = arith.mulf %total, %n : f32
    %d = arith.subf %a, %mean : f32
    %sq = arith.mulf %d, %d : f32
    %squares = attn.row_sum %sq : f32
    %variance = arith.mulf %squares, %n : f32
    %r = math.rsqrt %variance : f32
    %o = arith.mulf %d, %r : f32
    attn.yield %o : f32
  } : tensor<?x4xf32>
  attn.return %y : tensor<?x4xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  auto results = interpret(parsed.kernel(), {Array({2, 4}, {1, 1, 3, 3, 10, 20, 20, 10})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[0].values,
              ElementsAre(DoubleNear(-1, 1e-12), DoubleNear(-1, 1e-12), DoubleNear(1, 1e-12),
                          DoubleNear(1, 1e-12), DoubleNear(-1, 1e-12), DoubleNear(1, 1e-12),
                          DoubleNear(1, 1e-12), DoubleNear(-1, 1e-12)));
}

TEST(Rowwise, LooksUpRows) {
  Parsed parsed(R"(
attn.kernel @embed(%ids: tensor<?xi64>, %table: tensor<3x2xf32>) -> tensor<?x2xf32> {
  %y = attn.rowwise captures(%ids, %table : tensor<?xi64>, tensor<3x2xf32>) {
  ^bb0(%row: index, %column: index, %i: tensor<?xi64>, %t: tensor<3x2xf32>):
    %id = attn.load %i[%row] : tensor<?xi64>
    %index = arith.index_cast %id : i64 to index
    %a = attn.load %t[%index, %column] : tensor<3x2xf32>
    attn.yield %a : f32
  } : tensor<?x2xf32>
  attn.return %y : tensor<?x2xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Array table({3, 2}, {0, 1, 10, 11, 20, 21});
  auto results = interpret(parsed.kernel(), {Array({2}, {2, 0}), table});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[0].values, ElementsAre(20, 21, 0, 1));

  EXPECT_TRUE(failed(interpret(parsed.kernel(), {Array({2}, {2, 3}), table})));
  EXPECT_THAT(parsed.errors, testing::HasSubstr("input ids holds 3, which is not in [0, 3)"));
}

TEST(Rowwise, NeedsAnInputWithRows) {
  Parsed parsed(R"(
attn.kernel @constant(%g: tensor<2xf32>) -> tensor<?x2xf32> {
  %y = attn.rowwise captures(%g : tensor<2xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<2xf32>):
    %a = attn.load %t[%column] : tensor<2xf32>
    attn.yield %a : f32
  } : tensor<?x2xf32>
  attn.return %y : tensor<?x2xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  EXPECT_TRUE(failed(interpret(parsed.kernel(), {Array({2}, 1)})));
  EXPECT_THAT(parsed.errors,
              testing::HasSubstr("no input tells the extent of the result's axis 0"));
}

} // namespace
