#include "compiler/dialect/Signature.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

using namespace heed;
using testing::ElementsAre;

namespace {

/// Argument `name` of the signature.
SignatureArgument find(const Signature &signature, const std::string &name) {
  for (const SignatureArgument &argument : signature.arguments)
    if (argument.name == name)
      return argument;
  ADD_FAILURE() << "no argument " << name;
  return {};
}

/// The extent as text: its number, or its symbol's name.
std::string show(const Signature &signature, Extent extent) {
  return extent >= 0 ? std::to_string(extent) : signature.symbols[-extent - 1];
}

std::vector<std::string> shape(const Signature &signature, const std::string &name) {
  std::vector<std::string> result;
  for (Extent extent : find(signature, name).shape)
    result.push_back(show(signature, extent));
  return result;
}

constexpr const char *attention = R"(
attn.kernel @k(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>, %v: tensor<?x?x?x32xf32>,
               %slopes: tensor<?xf32>, %bias: tensor<?x?xf32>, %lengths: tensor<?xi32> {attn.key_lengths},
               %seen: tensor<?x7xi1>)
    -> (tensor<?x?x?x32xf32>, tensor<?x?x?xf32>, tensor<?x?x?x?xf32>) {
  %s = attn.score dot %q, %k : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x?xf32>
  %b = attn.modify %s captures(%slopes, %bias : tensor<?xf32>, tensor<?x?xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %sl: tensor<?xf32>, %bi: tensor<?x?xf32>):
    %a = attn.load %sl[%head] : tensor<?xf32>
    %d = arith.subi %key, %query : index
    %c = attn.load %bi[%query, %d] : tensor<?x?xf32>
    %y = arith.mulf %a, %c : f32
    attn.yield %y : f32
  } : tensor<?x?x?x?xf32>
  %m = attn.mask %b captures(%seen : tensor<?x7xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: tensor<?x7xi1>):
    %keep = attn.load %t[%batch, %key] : tensor<?x7xi1>
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x?x?x?xf32>
  %lse = attn.log_sum_exp %m : tensor<?x?x?x?xf32> -> tensor<?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x32xf32>) -> tensor<?x?x?x32xf32>
  attn.return %o, %lse, %w : tensor<?x?x?x32xf32>, tensor<?x?x?xf32>, tensor<?x?x?x?xf32>
}
)";

TEST(Signature, SharesTheExtentsThatAgree) {
  Parsed parsed(attention);
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_EQ(signature.name, "k");
  EXPECT_THAT(shape(signature, "q"), ElementsAre("batch", "queries", "heads", "64"));
  EXPECT_THAT(shape(signature, "k"), ElementsAre("batch", "7", "key_heads", "64"));
  EXPECT_THAT(shape(signature, "v"), ElementsAre("batch", "7", "key_heads", "32"));
  EXPECT_THAT(shape(signature, "out"), ElementsAre("batch", "queries", "heads", "32"));
  EXPECT_THAT(shape(signature, "log_sum_exp"), ElementsAre("batch", "heads", "queries"));
  EXPECT_THAT(shape(signature, "weights"), ElementsAre("batch", "heads", "queries", "7"));
}

TEST(Signature, TakesTheExtentsOfCapturesFromThePositionsTheyAreLoadedAt) {
  Parsed parsed(attention);
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_THAT(shape(signature, "slopes"), ElementsAre("heads"));
  EXPECT_THAT(shape(signature, "bias"),
              ElementsAre("queries", "bias.shape[1]"));             // clamped: any extent
  EXPECT_THAT(shape(signature, "seen"), ElementsAre("batch", "7")); // fixes the number of keys
  EXPECT_EQ(find(signature, "seen").type, ElementType::U8);
}

TEST(Signature, KnowsRolesLimitsAndMultiples) {
  Parsed parsed(attention);
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  SignatureArgument lengths = find(signature, "lengths");
  EXPECT_EQ(lengths.role, Role::KeyLengths);
  EXPECT_EQ(lengths.type, ElementType::I32);
  EXPECT_EQ(show(signature, lengths.limit), "7");
  EXPECT_THAT(shape(signature, "lengths"), ElementsAre("batch"));
  EXPECT_EQ(find(signature, "out").role, Role::Output);
  ASSERT_EQ(signature.multiples.size(), 1u);
  EXPECT_EQ(show(signature, signature.multiples[0].first), "heads");
  EXPECT_EQ(show(signature, signature.multiples[0].second), "key_heads");
}

TEST(Signature, FixedHeadsNeedNoMultiple) {
  Parsed parsed(R"(
attn.kernel @k(%q: tensor<2x?x4x8xf32>, %k: tensor<2x?x2x8xf32>, %out: tensor<2x?x2x8xf32>) -> tensor<2x?x4x8xf32> {
  %s = attn.score dot %q, %k : (tensor<2x?x4x8xf32>, tensor<2x?x2x8xf32>) -> tensor<2x4x?x?xf32>
  %w = attn.normalize softmax %s : tensor<2x4x?x?xf32>
  %o = attn.weighted_sum %w, %out : (tensor<2x4x?x?xf32>, tensor<2x?x2x8xf32>) -> tensor<2x?x4x8xf32>
  attn.return %o : tensor<2x?x4x8xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_TRUE(signature.multiples.empty());
  EXPECT_THAT(signature.symbols, ElementsAre("queries", "keys"));
  EXPECT_EQ(signature.arguments.back().name, "out_"); // an argument is called out
}

constexpr const char *layers = R"(
attn.kernel @up(%x: tensor<?x384xf32>, %packed: tensor<384x1536xf32>, %r: tensor<?x1536xf32>) -> tensor<?x1536xf32> {
  %y = attn.linear %x, %packed captures(%r : tensor<?x1536xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<?x1536xf32>):
    %c = attn.load %b[%row, %column] : tensor<?x1536xf32>
    %sum = arith.addf %acc, %c : f32
    attn.yield %sum : f32
  } : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
  attn.return %y : tensor<?x1536xf32>
})";

TEST(Signature, LinearTakesPackedWeights) {
  Parsed parsed(layers);
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_THAT(shape(signature, "packed"), ElementsAre("32", "384", "48"));
  EXPECT_THAT(shape(signature, "x"), ElementsAre("rows", "384"));
  EXPECT_THAT(shape(signature, "r"), ElementsAre("rows", "1536"));
  EXPECT_THAT(shape(signature, "out"), ElementsAre("rows", "1536"));

  Signature pack = *packSignature(parsed.kernel());
  EXPECT_EQ(pack.name, "up_pack");
  EXPECT_THAT(shape(pack, "packed"), ElementsAre("384", "1536"));
  EXPECT_THAT(shape(pack, "packed_"), ElementsAre("32", "384", "48"));
  EXPECT_EQ(pack.arguments[1].role, Role::Output);
}

TEST(Signature, IndicesAreBoundedByTheAxisTheyIndex) {
  Parsed parsed(R"(
attn.kernel @embed(%ids: tensor<?xi64>, %table: tensor<30522x16xf32>) -> tensor<?x16xf32> {
  %y = attn.rowwise captures(%ids, %table : tensor<?xi64>, tensor<30522x16xf32>) {
  ^bb0(%row: index, %column: index, %i: tensor<?xi64>, %t: tensor<30522x16xf32>):
    %id = attn.load %i[%row] : tensor<?xi64>
    %index = arith.index_cast %id : i64 to index
    %a = attn.load %t[%index, %column] : tensor<30522x16xf32>
    attn.yield %a : f32
  } : tensor<?x16xf32>
  attn.return %y : tensor<?x16xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_EQ(find(signature, "ids").role, Role::Index);
  EXPECT_EQ(find(signature, "ids").type, ElementType::I64);
  EXPECT_EQ(find(signature, "ids").limit, 30522);
  EXPECT_THAT(shape(signature, "ids"), ElementsAre("rows"));
}

// Whatever a canonicalizer makes of `position + 0`.
TEST(Signature, PositionsThatAreSaidTieNoCapture) {
  Parsed parsed(R"(
attn.kernel @joined(%past: tensor<?x?x2x8xf32>, %added_rows: tensor<?x?x2x8xf32>) -> tensor<?x?x2x8xf32> {
  %k = attn.rowwise captures(%past, %added_rows : tensor<?x?x2x8xf32>, tensor<?x?x2x8xf32>)
       positions(%past[1] + %added_rows[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %p: tensor<?x?x2x8xf32>,
       %n: tensor<?x?x2x8xf32>):
    %old = attn.load %p[%batch, %position, %head, %column] : tensor<?x?x2x8xf32>
    %length = attn.extent %p[1] : tensor<?x?x2x8xf32>
    %after = arith.subi %position, %length : index
    %added = attn.load %n[%batch, %after, %head, %column] : tensor<?x?x2x8xf32>
    %is_old = arith.cmpi slt, %position, %length : index
    %element = arith.select %is_old, %old, %added : f32
    attn.yield %element : f32
  } : tensor<?x?x2x8xf32>
  attn.return %k : tensor<?x?x2x8xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_THAT(shape(signature, "past"), ElementsAre("batch", "past.shape[1]", "2", "8"));
  EXPECT_THAT(shape(signature, "added_rows"),
              ElementsAre("batch", "added_rows.shape[1]", "2", "8"));
  EXPECT_EQ(find(signature, "past").nonEmptyAxes, 1u << 1);
  ASSERT_EQ(signature.derived.size(), 1u);
  EXPECT_EQ(signature.derived[0].terms.size(), 2u);
}

TEST(Signature, ProjectionsHaveTheHeadsOfWhatTheyProject) {
  Parsed parsed(R"(
attn.kernel @k(%q: tensor<?x?x?x8xf32>, %k: tensor<?x?x?x8xf32>, %v: tensor<?x?x?x8xf32>, %wq: tensor<?x8x8xf32>,
               %wk: tensor<1x8x8xf32>) -> tensor<?x?x?x8xf32> {
  %pq = attn.project %q, %wq : (tensor<?x?x?x8xf32>, tensor<?x8x8xf32>) -> tensor<?x?x?x8xf32>
  %pk = attn.project %k, %wk : (tensor<?x?x?x8xf32>, tensor<1x8x8xf32>) -> tensor<?x?x?x8xf32>
  %s = attn.score dot %pq, %pk : (tensor<?x?x?x8xf32>, tensor<?x?x?x8xf32>) -> tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  attn.return %o : tensor<?x?x?x8xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  Signature signature = *kernelSignature(parsed.kernel());
  EXPECT_THAT(shape(signature, "wq"), ElementsAre("heads", "8", "8"));
  EXPECT_THAT(shape(signature, "wk"), ElementsAre("1", "8", "8"));
}

TEST(Signature, PanelWidthDividesWhereItCan) {
  EXPECT_EQ(panelWidth(1536), 48);
  EXPECT_EQ(panelWidth(384), 48);
  EXPECT_EQ(panelWidth(128), 64);
  EXPECT_EQ(panelWidth(32), 32);
  EXPECT_EQ(panelWidth(16), 16);
  EXPECT_EQ(panelWidth(7), 16);
}

} // namespace
