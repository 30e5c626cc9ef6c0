// Operands made by rowwise and project ops: each kernel returns its raw scores, which show them.
#include "compiler/reference/Interpreter.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace heed;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

namespace {

/// A kernel whose query is an argument (batch 1, 1 head) and whose key is `%key`, made by `ops`, a
/// tensor<?x?x1xDxf64>. Gives its scores.
class KeyKernel {
public:
  KeyKernel(int dim, std::string arguments, std::string ops) {
    text = R"(
attn.kernel @k(%q: $ROWS, %v: tensor<?x?x1x1xf64>)" +
           arguments + R"() -> (tensor<?x?x1x1xf64>, tensor<?x1x?x?xf64>) {
)" + ops + R"(
  %s = attn.score dot %q, %key : ($ROWS, $ROWS) -> tensor<?x1x?x?xf64>
  %w = attn.normalize softmax %s : tensor<?x1x?x?xf64>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf64>, tensor<?x?x1x1xf64>) -> tensor<?x?x1x1xf64>
  attn.return %o, %s : tensor<?x?x1x1xf64>, tensor<?x1x?x?xf64>
})";
    std::string rows = "tensor<?x?x1x" + std::to_string(dim) + "xf64>";
    for (size_t at; (at = text.find("$ROWS")) != std::string::npos;)
      text.replace(at, 5, rows);
  }

  std::vector<double> operator()(const std::vector<Array> &inputs) {
    Parsed parsed(text);
    EXPECT_TRUE(parsed) << parsed.errors;
    if (!parsed)
      return {};
    auto results = interpret(parsed.kernel(), inputs);
    errors = parsed.errors;
    return succeeded(results) ? (*results)[1].values : std::vector<double>();
  }

  std::string errors;

private:
  std::string text;
};

// Pairs of columns (c, c + 1) turned by the position, which for a query counts the offset.
TEST(Operands, RotateByPosition) {
  KeyKernel kernel(2, ", %k: $ROWS", R"(
  %key = attn.rowwise captures(%k : $ROWS) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: $ROWS):
    %one = arith.constant 1 : index
    %partner = arith.xori %column, %one : index
    %a = attn.load %x[%batch, %position, %head, %column] : $ROWS
    %b = attn.load %x[%batch, %position, %head, %partner] : $ROWS
    %offset = attn.query_offset
    %place = arith.addi %position, %offset : index
    %n = arith.index_cast %place : index to i32
    %angle = arith.sitofp %n : i32 to f64
    %cos = math.cos %angle : f64
    %sin = math.sin %angle : f64
    %zero = arith.constant 0 : index
    %isFirst = arith.cmpi eq, %column, %zero : index
    %minus = arith.negf %sin : f64
    %signed = arith.select %isFirst, %minus, %sin : f64
    %c = arith.mulf %a, %cos : f64
    %d = arith.mulf %b, %signed : f64
    %y = arith.addf %c, %d : f64
    attn.yield %y : f64
  } : $ROWS)");
  Array key({1, 3, 1, 2}, {1, 0, 1, 0, 0, 1}), value({1, 3, 1, 1});
  // One query before three keys: the offset is 2.
  auto first = kernel({Array({1, 1, 1, 2}, {1, 0}), value, key});
  EXPECT_THAT(first, Pointwise(DoubleNear(1e-14), {std::cos(2), std::cos(3), -std::sin(4)}));
}

TEST(Operands, SumOverTheirColumns) {
  KeyKernel kernel(2, ", %k: $ROWS", R"(
  %key = attn.rowwise captures(%k : $ROWS) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: $ROWS):
    %a = attn.load %x[%batch, %position, %head, %column] : $ROWS
    %square = arith.mulf %a, %a : f64
    %sum = attn.row_sum %square : f64
    %norm = math.rsqrt %sum : f64
    %y = arith.mulf %a, %norm : f64
    attn.yield %y : f64
  } : $ROWS)");
  EXPECT_THAT(
      kernel({Array({1, 1, 1, 2}, 1), Array({1, 2, 1, 1}), Array({1, 2, 1, 2}, {3, 4, 0, -2})}),
      Pointwise(DoubleNear(1e-15), {1.4, -1.0}));
}

// int8 numbers with a scale for each token.
TEST(Operands, AreScaledBackFromBytes) {
  KeyKernel kernel(1, ", %k: tensor<?x?x1x1xi8>, %scales: tensor<?x?xf64>", R"(
  %key = attn.rowwise captures(%k, %scales : tensor<?x?x1x1xi8>, tensor<?x?xf64>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: tensor<?x?x1x1xi8>, %t: tensor<?x?xf64>):
    %a = attn.load %x[%batch, %position, %head, %column] : tensor<?x?x1x1xi8>
    %n = arith.sitofp %a : i32 to f64
    %scale = attn.load %t[%batch, %position] : tensor<?x?xf64>
    %y = arith.mulf %n, %scale : f64
    attn.yield %y : f64
  } : $ROWS)");
  EXPECT_THAT(kernel({Array({1, 1, 1, 1}, 1), Array({1, 2, 1, 1}), Array({1, 2, 1, 1}, {-127, 5}),
                      Array({1, 2}, {0.5, 2})}),
              ElementsAre(-63.5, 10));
}

// Pages of two positions: table (batch, pages), pool (page, slot, head, column).
constexpr const char *pages = R"(
  %key = attn.rowwise captures(%pool, %table : tensor<?x2x1x1xf64>, tensor<?x?xi32>) positions(%table[1] * 2) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: tensor<?x2x1x1xf64>, %t: tensor<?x?xi32>):
    %two = arith.constant 2 : index
    %place = arith.divsi %position, %two : index
    %slot = arith.remsi %position, %two : index
    %n = attn.load %t[%batch, %place] : tensor<?x?xi32>
    %page = arith.index_cast %n : i32 to index
    %y = attn.load %x[%page, %slot, %head, %column] : tensor<?x2x1x1xf64>
    attn.yield %y : f64
  } : $ROWS)";

TEST(Operands, AreReadFromPages) {
  KeyKernel kernel(1, ", %pool: tensor<?x2x1x1xf64>, %table: tensor<?x?xi32>", pages);
  Array one({1, 1, 1, 1}, 1), pool({3, 2, 1, 1}, {0, 1, 2, 3, 4, 5});
  EXPECT_THAT(kernel({one, Array({1, 4, 1, 1}), pool, Array({1, 2}, {2, 0})}),
              ElementsAre(4, 5, 0, 1));
  kernel({one, Array({1, 3, 1, 1}), pool, Array({1, 2}, {2, 0})});
  EXPECT_THAT(kernel.errors, HasSubstr("inputs give 4 positions of 'keys', not 3"));
  kernel({one, Array({1, 4, 1, 1}), pool, Array({1, 2}, {2, 3})});
  EXPECT_THAT(kernel.errors, HasSubstr("input table holds 3, which is not in [0, 3)"));
}

TEST(Operands, JoinPastAndNew) {
  KeyKernel kernel(1, ", %past: $ROWS, %new: $ROWS", R"(
  %key = attn.rowwise captures(%past, %new : $ROWS, $ROWS) positions(%past[1] + %new[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %a: $ROWS, %b: $ROWS):
    %n = attn.extent %a[1] : $ROWS
    %isPast = arith.cmpi slt, %position, %n : index
    %rest = arith.subi %position, %n : index
    %zero = arith.constant 0 : index
    %here = arith.addi %position, %zero : index
    %x = attn.load %a[%batch, %here, %head, %column] : $ROWS
    %y = attn.load %b[%batch, %rest, %head, %column] : $ROWS
    %z = arith.select %isPast, %x, %y : f64
    attn.yield %z : f64
  } : $ROWS)");
  EXPECT_THAT(kernel({Array({1, 1, 1, 1}, 1), Array({1, 5, 1, 1}), Array({1, 2, 1, 1}, {1, 2}),
                      Array({1, 3, 1, 1}, {3, 4, 5})}),
              ElementsAre(1, 2, 3, 4, 5));
}

TEST(Operands, AreProjected) {
  KeyKernel kernel(2, ", %k: tensor<?x?x1x3xf64>, %m: tensor<1x3x2xf64>", R"(
  %key = attn.project %k, %m : (tensor<?x?x1x3xf64>, tensor<1x3x2xf64>) -> $ROWS)");
  // Keys times the matrix are (9, 12) and (2, 1); the query is (1, 10).
  EXPECT_THAT(
      kernel({Array({1, 1, 1, 2}, {1, 10}), Array({1, 2, 1, 1}),
              Array({1, 2, 1, 3}, {1, 1, 1, 0, 1, -0.5}), Array({1, 3, 2}, {1, 2, 4, 4, 4, 6})}),
      ElementsAre(129, 12));
}

// A rowwise op may take what another gives, and may not need the batch.
TEST(Operands, AreMadeFromOthers) {
  KeyKernel kernel(1, ", %table: tensor<?x1xf64>", R"(
  %raw = attn.rowwise captures(%table : tensor<?x1xf64>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x1xf64>):
    %y = attn.load %t[%position, %column] : tensor<?x1xf64>
    attn.yield %y : f64
  } : $ROWS
  %key = attn.rowwise captures(%raw : $ROWS) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %x: $ROWS):
    %a = attn.load %x[%batch, %position, %head, %column] : $ROWS
    %y = arith.mulf %a, %a : f64
    attn.yield %y : f64
  } : $ROWS)");
  EXPECT_THAT(kernel({Array({2, 1, 1, 1}, {1, -1}), Array({2, 2, 1, 1}), Array({2, 1}, {2, 3})}),
              ElementsAre(4, 9, -4, -9));
}

// A kernel of one rowwise op of rank 4.
TEST(Operands, AreResultsOfTheirOwnKernels) {
  Parsed parsed(R"(
attn.kernel @k(%x: tensor<?x?x2x2xf32>) -> tensor<?x?x2x2xf32> {
  %y = attn.rowwise captures(%x : tensor<?x?x2x2xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x2x2xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x2x2xf32>
    %sum = attn.row_sum %a : f32
    attn.yield %sum : f32
  } : tensor<?x?x2x2xf32>
  attn.return %y : tensor<?x?x2x2xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  auto results = interpret(parsed.kernel(), {Array({1, 1, 2, 2}, {1, 2, 3, 4})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT((*results)[0].values, ElementsAre(3, 3, 7, 7));
}

} // namespace
