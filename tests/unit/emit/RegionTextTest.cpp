#include "compiler/emit/RegionText.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::HasSubstr;
using ::testing::Le;

namespace {

/// The text of a rowwise body of `lines` that yields %y, over tensors %x (f32) and %i (i32).
std::string textOf(const std::string &lines) {
  mlir::DialectRegistry registry;
  registry.insert<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "attn.kernel @a(%x: tensor<?x8xf32>, %i: tensor<?xi32>) -> tensor<?x8xf32> {\n"
      "  %r = attn.rowwise captures(%x, %i : tensor<?x8xf32>, tensor<?xi32>) {\n"
      "  ^bb0(%row: index, %column: index, %xt: tensor<?x8xf32>, %it: tensor<?xi32>):\n"
      "    %a = attn.load %xt[%row, %column] : tensor<?x8xf32>\n" +
          lines +
          "    attn.yield %y : f32\n  } : tensor<?x8xf32>\n  attn.return %r : tensor<?x8xf32>\n}\n",
      &context);
  if (!module)
    return "does not parse";
  std::string text;
  module->walk([&](attn::RowwiseOp op) { text = bodyText(op); });
  return text;
}

TEST(RegionText, bracketsOnlyWhereNeeded) {
  EXPECT_EQ(
      textOf("%b = arith.addf %a, %a : f32\n%c = arith.mulf %b, %a : f32\n"
             "%y = arith.subf %c, %b : f32\n"),
      "(x[row, column] + x[row, column]) * x[row, column] - (x[row, column] + x[row, column])");
  EXPECT_EQ(textOf("%n = arith.constant -3.5 : f32\n%b = arith.negf %a : f32\n"
                   "%c = arith.addf %b, %n : f32\n%y = math.exp %c : f32\n"),
            "exp(-x[row, column] - 3.5)");
}

TEST(RegionText, readsComparisonsAsTheyWereWritten) {
  EXPECT_EQ(
      textOf(
          "%z = arith.constant 0.0 : f32\n%p = arith.cmpf oge, %a, %z : f32\n"
          "%i32 = attn.load %it[%row] : tensor<?xi32>\n%j = arith.index_cast %i32 : i32 to index\n"
          "%q = arith.cmpi ne, %j, %column : index\n%both = arith.andi %p, %q : i1\n"
          "%y = arith.select %both, %a, %z : f32\n"),
      "(0 < x[row, column] or x[row, column] = 0) and i[row] != column ? x[row, column] : 0");
}

TEST(RegionText, namesRowSums) {
  EXPECT_EQ(textOf("%s = attn.row_sum %a : f32\n%y = arith.divf %a, %s : f32\n"),
            "x[row, column] / row_sum(x[row, column])");
}

TEST(RegionText, staysShortForGraphsThatAreLongAsFormulas) {
  std::string lines = "%y0 = arith.mulf %a, %a : f32\n";
  for (int i = 0; i < 60; ++i)
    lines += "%y" + std::to_string(i + 1) + " = arith.addf %y" + std::to_string(i) + ", %y" +
             std::to_string(i) + " : f32\n";
  std::string text = textOf(lines + "%y = math.tanh %y60 : f32\n");
  EXPECT_THAT(text, HasSubstr("..."));
  EXPECT_THAT(text.size(), Le(300u));
}

} // namespace
