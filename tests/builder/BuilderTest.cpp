// What the builder writes, and what it refuses. That heedc reads it, and what it means, the gallery
// tests.
#include <heed/builder.h>

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

using namespace heed;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string read(const std::filesystem::path &path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The text of a kernel with one modify.
template <typename F> std::string modified(F score, AttentionShape shape = {.headDim = 4}) {
  Attention a("k", shape);
  a.modify(score);
  return a.text();
}

std::string messageOf(const std::function<void()> &mistake) {
  try {
    mistake();
  } catch (const BuilderError &error) {
    return error.what();
  }
  return "";
}

TEST(Builder, WritesAKernel) {
  Attention a("alibi", {.heads = 12, .keyHeads = 4, .headDim = 64});
  auto slopes = a.input<float>("slopes", {12});
  a.modify([&](Real x, Position p) { return x - slopes[p.head] * abs(p.query - p.key); });
  a.mask([](Position p) { return p.key <= p.query; });
  EXPECT_EQ(
      a.text(),
      R"(attn.kernel @alibi(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x4x64xf32>, %v: tensor<?x?x4x64xf32>,
    %slopes: tensor<12xf32>)
    -> tensor<?x?x12x64xf32> {
  %scores = attn.score scaled_dot %q, %k
      : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
  %modified = attn.modify %scores captures(%slopes : tensor<12xf32>) {
  ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %slopes_in: tensor<12xf32>):
    %slopes_here = attn.load %slopes_in[%head] : tensor<12xf32>
    %difference = arith.subi %query, %key : index
    %steps = math.absi %difference : index
    %steps_i32 = arith.index_cast %steps : index to i32
    %steps_real = arith.sitofp %steps_i32 : i32 to f32
    %product = arith.mulf %slopes_here, %steps_real : f32
    %difference_1 = arith.subf %x, %product : f32
    attn.yield %difference_1 : f32
  } : tensor<?x12x?x?xf32>
  %masked = attn.mask %modified {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %is_le = arith.cmpi sle, %key, %query : index
    attn.yield %is_le : i1
  } : tensor<?x12x?x?xf32>
  %weights = attn.normalize softmax %masked : tensor<?x12x?x?xf32>
  %out = attn.weighted_sum %weights, %v
      : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x64xf32>
  attn.return %out : tensor<?x?x12x64xf32>
}
)");
}

TEST(Builder, WritesEqualOperationsOnce) {
  std::string text = modified([](Real x, Position) { return tanh(x * 2.0) + tanh(x * 2.0); });
  EXPECT_EQ(text.find("math.tanh"), text.rfind("math.tanh"));
}

TEST(Builder, NumbersTakeTheKernelsType) {
  std::string text =
      modified([](Real x, Position) { return max(x, -std::numeric_limits<double>::infinity()); },
               {.headDim = 4, .query = Storage::F64});
  EXPECT_THAT(text, HasSubstr("arith.constant 0xFFF0000000000000 : f64"));
  EXPECT_THAT(text, Not(HasSubstr("f32")));
}

TEST(Builder, StorageIsOfTensorsOnly) {
  std::string text = modified([](Real x, Position) { return x * 0.5; },
                              {.headDim = 4, .query = Storage::F16, .cache = Storage::BF16});
  EXPECT_THAT(text, HasSubstr("%q: tensor<?x?x?x4xf16>, %k: tensor<?x?x?x4xbf16>"));
  EXPECT_THAT(text, HasSubstr("-> tensor<?x?x?x4xf16> {"));
  EXPECT_THAT(text, HasSubstr("arith.constant 0.5 : f32"));
}

TEST(Builder, WeightsMayBeRounded) {
  Attention a("k", {.headDim = 4, .query = Storage::BF16});
  EXPECT_THAT(a.text(), Not(HasSubstr("weights_as")));
  a.weightsAs(Storage::BF16);
  EXPECT_THAT(a.text(), HasSubstr("attn.weighted_sum %weights, %v {weights_as = bf16}\n"));
  a.returnPartial();
  EXPECT_THROW(a.text(), BuilderError);
}

TEST(Builder, WholeNumbersDivideDownwards) {
  std::string text =
      modified([](Real x, Position p) { return x + p.query / 4 + p.key % 3 + -p.batch; });
  EXPECT_THAT(text, HasSubstr("arith.floordivsi %query, %c4 : index"));
  EXPECT_THAT(text, HasSubstr("arith.floordivsi %key, %c3 : index"));
  EXPECT_THAT(text, HasSubstr("arith.subi %c0, %batch : index"));
}

TEST(Builder, LoadedIntegersAreCastWhereTheyAreUsed) {
  Attention a("k");
  auto places = a.input<int32_t>("places", {any});
  auto table = a.input<Real>("table", {any});
  a.modify([&](Real x, Position p) { return x + table[places[p.key]] * places[p.key]; });
  std::string text = a.text();
  EXPECT_THAT(text, HasSubstr("arith.index_cast %places_here : i32 to index"));
  EXPECT_THAT(text, HasSubstr("arith.sitofp %places_here : i32 to f32"));
}

TEST(Builder, PagesAndInt8AreUndoneBeforeAllElse) {
  Attention a("k", {.heads = 4, .headDim = 8});
  a.key([](Element e) { return e.value * 2.0; });
  a.int8(a.input<Real>("ks", {4, 8}), a.input<Real>("vs", {3, any, 4}));
  a.paged(16);
  std::string text = a.text();
  size_t pages = text.find("%k_from_pages = "), made = text.find("%k_made = ");
  EXPECT_LT(pages, made);
  EXPECT_NE(made, std::string::npos);
  EXPECT_THAT(text, HasSubstr("positions(%page_table[1] * 16)"));
  EXPECT_THAT(text, HasSubstr("%k: tensor<?x16x4x8xi8>"));
  // Scales of columns are the same for all pages; those of tokens lie beside their rows.
  EXPECT_THAT(text, HasSubstr("%ks: tensor<4x8xf32>"));
  EXPECT_THAT(text, HasSubstr("%vs: tensor<?x16x4xf32>"));
  EXPECT_THAT(text, HasSubstr("= attn.load %vs_in[%page_table_here_index, %difference, %head]"));
}

TEST(Builder, ScalesOfARingLieInIt) {
  Attention a("k", {.heads = 4, .headDim = 8});
  a.ring();
  a.int8(a.input<Real>("ks", {any, any, 4}), a.input<Real>("vs", {any, any, 4}));
  EXPECT_THAT(a.text(), HasSubstr("= attn.load %ks_in[%batch, %difference, %head]"));
}

TEST(Builder, ResultsComeInTheOrderOfTheCalls) {
  Attention a("k");
  a.mask([](Position p) { return p.key < p.keyLength(); });
  a.returnKeySums();
  a.returnScores(Stage::Raw);
  a.returnScores(Stage::Masked);
  a.returnLogSumExp();
  a.returnWeights();
  EXPECT_THAT(a.text(),
              HasSubstr("attn.return %out, %key_sums, %scores, %masked, %log_sum_exp, %weights :"));
}

TEST(Builder, APartialResultHasTheStateBesideTheColumns) {
  Attention a("k", {.heads = 2, .headDim = 8});
  a.returnPartial();
  EXPECT_THAT(a.text(), HasSubstr("attn.partial %weights, %v"));
  EXPECT_THAT(a.text(), HasSubstr("-> tensor<?x?x2x10xf32> {"));
}

TEST(Builder, OwnNormalizersStandBeforeTheKernel) {
  Attention a("k");
  auto low = a.input<Real>("low", {any});
  a.normalize(ThresholdNormalizer{
      .name = "mine",
      .bracket = [] { return std::pair(Real(-1), Real(0)); },
      .weight = [&](Real x, Real t, Row row) { return max(x - t, low[row.head]); },
      .unit = 0.5});
  EXPECT_THAT(a.text(), testing::StartsWith("attn.threshold_normalizer @mine bracket {"));
  EXPECT_THAT(a.text(), HasSubstr("} {unit = 0.5 : f64}"));
  EXPECT_THAT(a.text(), HasSubstr("attn.normalize @mine %scores captures(%low : tensor<?xf32>)"));
}

/// Buckets of distances, from what the region says: the constants that distances are compared with.
TEST(Builder, BucketsBeginWhereTheFormulaSays) {
  std::string text = modified([](Real x, Position p) {
    return x + relativeBucket(p.key - p.query, {.buckets = 32, .farthest = 128});
  });
  for (const char *begin : {"12", "16", "23", "32", "46", "64", "91"}) // 8 * 16^(k / 8), rounded up
    EXPECT_THAT(text, HasSubstr("arith.cmpi sge, %steps, %c" + std::string(begin) + " : index"));
}

TEST(Builder, RefusesWhatItCannotWrite) {
  Attention a("k");
  auto table = a.input<Real>("table", std::vector<Extent>{any, any});
  EXPECT_EQ(messageOf([&] { a.modify([&](Real x, Position p) { return x + table[p.key]; }); }),
            "'table' has 2 axes, but is loaded with 1 indices");
  EXPECT_EQ(messageOf([&] { a.input<Real>("table", {any}); }),
            "kernel 'k' has two arguments called 'table'");
  EXPECT_EQ(messageOf([&] { a.keyLengths("q"); }), "kernel 'k' has two arguments called 'q'");
  a.dot();
  EXPECT_EQ(messageOf([&] { a.negativeSquaredDistance(); }), "kernel 'k' has one score, not two");
  a.paged(16);
  EXPECT_EQ(messageOf([&] { a.ring(); }), "'k_from_pages' and 'k_from_ring' exclude each other");
  EXPECT_EQ(messageOf([&] { a.write("/nowhere/k.mlir"); }), "cannot write '/nowhere/k.mlir'");
  auto scales = a.input<Real>("scales", {any, 8, 12});
  a.int8(scales, scales);
  EXPECT_EQ(messageOf([&] { a.int8(scales, scales); }), "int8 says twice what 'k' holds");
  EXPECT_EQ(messageOf([&] { a.text(); }), "'scales' has 8 scales a page, where 'k' has 16 rows");
}

TEST(Builder, CompilesWithHeedc) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / "heed-builder-test";
  std::filesystem::create_directories(folder);
  std::string tool = folder / "heedc", output = folder / "said";
  std::ofstream(tool) << "#!/bin/sh\ncat \"$1\" > " << output << "; echo \"$2 $3 $4\" >> " << output
                      << "; test \"$3\" = good\n";
  std::filesystem::permissions(tool, std::filesystem::perms::owner_all);
  setenv("HEEDC", tool.c_str(), 1);
  Attention a("k");
  a.compile("good", {"--explain"});
  EXPECT_EQ(read(output), a.text() + "-o good --explain\n");
  EXPECT_EQ(messageOf([&] { a.compile("bad"); }),
            "heedc did not compile 'bad': see what it says above");
  setenv("HEEDC", "/nowhere/heedc", 1);
  EXPECT_EQ(messageOf([&] { a.compile("good"); }),
            "cannot run '/nowhere/heedc': put heedc into PATH, or its path into HEEDC");
  std::filesystem::remove_all(folder);
}

} // namespace
