// Mask ranges against brute force. Soundness on random regions: the hull holds every pair that
// counts, the full range none that doesn't. Exactness where it is promised: bands, chunks,
// prefixes.
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/evaluate/LinearForm.h"
#include "tests/unit/evaluate/TestedMask.h"

#include <cstdlib>

using namespace heed;

namespace {

/// Which keys count for some query of a tile and which for all of them.
struct Truths {
  std::vector<bool> some, all;
};

Truths bruteForce(TestedMask &mask, int64_t batch, int64_t head, int64_t first, int64_t last) {
  Truths result{std::vector<bool>(TestedMask::keys), std::vector<bool>(TestedMask::keys, true)};
  for (int64_t key = 0; key < TestedMask::keys; ++key)
    for (int64_t query = first; query <= last; ++query) {
      bool keeps = mask.keeps(batch, head, query, key);
      result.some[key] = result.some[key] || keeps;
      result.all[key] = result.all[key] && keeps;
    }
  return result;
}

const std::vector<std::pair<int64_t, int64_t>> tiles = {{0, 0},  {0, 3},   {4, 7},
                                                        {3, 11}, {16, 19}, {0, 19}};

void expectSound(TestedMask &mask, const std::string &body) {
  for (int64_t batch : {0, 1})
    for (int64_t head : {0, 1})
      for (auto [first, last] : tiles) {
        Truths truths = bruteForce(mask, batch, head, first, last);
        auto [hull, full] = mask.ranges(batch, head, first, last);
        for (int64_t key = 0; key < TestedMask::keys; ++key) {
          if (truths.some[key])
            ASSERT_TRUE(hull.begin <= key && key < hull.end)
                << "key " << key << " counts for queries " << first << ".." << last
                << " outside the hull [" << hull.begin << ", " << hull.end << ")\n"
                << body;
          if (full.begin <= key && key < full.end)
            ASSERT_TRUE(truths.all[key])
                << "key " << key << " does not count for all queries " << first << ".." << last
                << " inside the full range [" << full.begin << ", " << full.end << ")\n"
                << body;
        }
      }
}

/// The hull is no wider than it must be, and the full range no narrower, for masks whose keys that
/// count are one run.
void expectExact(const std::string &body) {
  SCOPED_TRACE(body);
  TestedMask mask(body);
  expectSound(mask, body);
  for (int64_t batch : {0, 1})
    for (auto [first, last] : tiles) {
      Truths truths = bruteForce(mask, batch, 0, first, last);
      auto [hull, full] = mask.ranges(batch, 0, first, last);
      int64_t some = std::count(truths.some.begin(), truths.some.end(), true);
      int64_t all = std::count(truths.all.begin(), truths.all.end(), true);
      EXPECT_EQ(std::max<int64_t>(0, hull.end - hull.begin), some) << first << ".." << last;
      EXPECT_EQ(std::max<int64_t>(0, full.end - full.begin), all) << first << ".." << last;
    }
}

TEST(Ranges, OfBandsAreExact) {
  expectExact("%keep = arith.cmpi sle, %key, %query : index");
  expectExact("%keep = arith.cmpi slt, %key, %query : index");
  expectExact("%keep = arith.cmpi sge, %query, %key : index");
  expectExact("%p = arith.addi %query, %offset : index\n%keep = arith.cmpi sle, %key, %p : index");
  expectExact(R"(%c5 = arith.constant 5 : index
    %lo = arith.subi %query, %c5 : index
    %keep = arith.cmpi sge, %key, %lo : index)");
  expectExact(R"(%c3 = arith.constant 3 : index
    %d = arith.subi %key, %query : index
    %n = arith.subi %query, %key : index
    %a = arith.cmpi sle, %d, %c3 : index
    %b = arith.cmpi sle, %n, %c3 : index
    %keep = arith.andi %a, %b : i1)");
}

TEST(Ranges, OfDistancesAreExact) {
  expectExact(R"(%c3 = arith.constant 3 : index
    %d = arith.subi %key, %query : index
    %a = math.absi %d : index
    %keep = arith.cmpi sle, %a, %c3 : index)");
  expectExact(R"(%c3 = arith.constant 3 : index
    %d = arith.subi %key, %query : index
    %n = arith.subi %query, %key : index
    %a = arith.maxsi %d, %n : index
    %keep = arith.cmpi sle, %a, %c3 : index)");
}

TEST(Ranges, OfLengthsAndFlagsAreExact) {
  expectExact(R"(%l = arith.constant 0 : index
    %n = attn.load %tl[%batch] : tensor<?xi32>
    %i = arith.index_cast %n : i32 to index
    %keep = arith.cmpi slt, %key, %i : index)");
  expectExact("%keep = attn.load %tf[%batch] : tensor<?xi1>");
  expectExact("%keep = arith.constant true");
  expectExact("%keep = arith.constant false");
  expectExact(R"(%f = attn.load %tf[%batch] : tensor<?xi1>
    %c = arith.cmpi sle, %key, %query : index
    %keep = arith.ori %f, %c : i1)");
}

TEST(Ranges, OfChunksAreExact) {
  for (const char *divide : {"divsi", "floordivsi"})
    expectExact(std::string("%c4 = arith.constant 4 : index\n%a = arith.") + divide +
                " %key, %c4 : index\n%b = arith." + divide +
                " %query, %c4 : index\n%keep = arith.cmpi eq, %a, %b : index");
  expectExact(R"(%c2 = arith.constant 2 : index
    %a = arith.shrsi %key, %c2 : index
    %b = arith.shrsi %query, %c2 : index
    %keep = arith.cmpi sle, %a, %b : index)");
}

TEST(Ranges, OfSegmentsAreExact) {
  expectExact(R"(%a = attn.segment_begin %ts[%query] : tensor<?xi32>
    %b = attn.segment_end %ts[%query] : tensor<?xi32>
    %low = arith.cmpi sle, %a, %key : index
    %high = arith.cmpi slt, %key, %b : index
    %keep = arith.andi %low, %high : i1)");
  expectExact(R"(%p = arith.addi %query, %offset : index
    %b = attn.segment_end %ts[%p] : tensor<?xi32>
    %keep = arith.cmpi slt, %key, %b : index)");
}

TEST(Ranges, OfPrefixesAreExact) {
  expectExact(R"(%c6 = arith.constant 6 : index
    %a = arith.cmpi slt, %key, %c6 : index
    %b = arith.cmpi sle, %key, %query : index
    %keep = arith.ori %a, %b : i1)");
}

// not (key < 5 or key >= 10): needs De Morgan.
TEST(Ranges, OfNegationsAreExact) {
  expectExact(R"(%c5 = arith.constant 5 : index
    %c10 = arith.constant 10 : index
    %true = arith.constant true
    %a = arith.cmpi slt, %key, %c5 : index
    %b = arith.cmpi sge, %key, %c10 : index
    %c = arith.ori %a, %b : i1
    %keep = arith.xori %c, %true : i1)");
}

// Sums and multiples of floors, and division towards zero of what may be negative, are no wider
// than sound.
TEST(Ranges, OfRoundedValuesAreSound) {
  for (const char *body : {
           R"(%c4 = arith.constant 4 : index
    %a = arith.floordivsi %key, %c4 : index
    %b = arith.muli %a, %c4 : index
    %keep = arith.cmpi sge, %b, %query : index)",
           R"(%c4 = arith.constant 4 : index
    %a = arith.floordivsi %key, %c4 : index
    %b = arith.muli %a, %c4 : index
    %keep = arith.cmpi sle, %b, %query : index)",
           R"(%c3 = arith.constant 3 : index
    %c2 = arith.constant 2 : index
    %a = arith.floordivsi %key, %c3 : index
    %b = arith.floordivsi %key, %c2 : index
    %d = arith.addi %a, %b : index
    %keep = arith.cmpi sge, %d, %query : index)",
           R"(%c4 = arith.constant 4 : index
    %zero = arith.constant 0 : index
    %d = arith.subi %key, %query : index
    %a = arith.divsi %d, %c4 : index
    %keep = arith.cmpi eq, %a, %zero : index)",
           R"(%c4 = arith.constant 4 : index
    %zero = arith.constant 0 : index
    %d = arith.subi %key, %query : index
    %a = arith.divsi %d, %c4 : index
    %keep = arith.cmpi sge, %a, %zero : index)",
           R"(%c4 = arith.constant 4 : index
    %a = arith.remsi %key, %c4 : index
    %b = arith.remsi %query, %c4 : index
    %keep = arith.cmpi sle, %a, %b : index)"}) {
    TestedMask mask(body);
    expectSound(mask, body);
  }
}

/// The bounds for heads without limits, and for queries as far as there can be, in the 32 bits that
/// kernels have: what overflows is no constant to Halide.
void expectToFit(TestedMask &mask, int64_t head, int64_t first, int64_t last) {
  Context<Halide::Expr> context;
  auto constant = [](int64_t value) { return Halide::Expr(static_cast<int32_t>(value)); };
  context.load = [&](unsigned capture, llvm::ArrayRef<Halide::Expr>) {
    return constant(capture == 1 ? TestedMask::noLimit : 1);
  };
  context.segmentBegin = [&](unsigned, Halide::Expr position) { return position; };
  context.segmentEnd = [&](unsigned, Halide::Expr) { return constant(infiniteKey); };
  context.extent = [&](unsigned, unsigned) { return constant(farthest); };
  context.queryLength = context.keyLength = [&] { return constant(farthest); };
  context.queryOffset = [&] { return constant(farthest - 1); };
  auto bounds = *evaluate(mask.mask.getRanges(),
                          {constant(0), constant(head), constant(first), constant(last)}, context);
  for (Halide::Expr bound : bounds)
    EXPECT_TRUE(Halide::Internal::as_const_int(Halide::Internal::simplify(bound))) << bound;
}

// Of key / 4096 <= query / 4096 + n the floors are multiplied out, which overflows for n = 2^20;
// and key / 3 + key / 2 <= query takes six times the query.
TEST(Ranges, FitThirtyTwoBits) {
  for (int64_t ahead : {0, 100, 1 << 20}) {
    std::string body = "%size = arith.constant 4096 : index\n%n = arith.constant " +
                       std::to_string(ahead) + R"( : index
    %a = arith.divsi %key, %size : index
    %b = arith.divsi %query, %size : index
    %c = arith.addi %b, %n : index
    %keep = arith.cmpi sle, %a, %c : index)";
    TestedMask mask(body);
    expectToFit(mask, 0, farthest - 64, farthest - 1);
    expectSound(mask, body);
  }
  for (const char *factor : {"3", "5", "1000"}) {
    std::string body = std::string("%f = arith.constant ") + factor + R"( : index
    %c2 = arith.constant 2 : index
    %a = arith.divsi %key, %f : index
    %b = arith.divsi %key, %c2 : index
    %c = arith.addi %a, %b : index
    %keep = arith.cmpi sle, %c, %query : index)";
    TestedMask mask(body);
    expectToFit(mask, 0, farthest - 64, farthest - 1);
    expectSound(mask, body);
  }
}

// A limit of 2^31 - 1 is one that nobody reaches.
TEST(Ranges, KeepWhatHasNoLimit) {
  TestedMask mask(R"(%w = attn.load %tw[%head] : tensor<?xi64>
    %limit = arith.index_cast %w : i64 to index
    %keep = arith.cmpi sle, %key, %limit : index)");
  expectToFit(mask, 2, 0, 63);
  auto [hull, full] = mask.ranges(0, 2, 0, 3);
  EXPECT_EQ(hull.end, TestedMask::keys);
  EXPECT_EQ(full.end, TestedMask::keys);
}

TEST(Ranges, OfWhatIsUnknownAreEverythingAndNothing) {
  TestedMask mask("%keep = attn.load %tp[%query, %key] : tensor<?x?xi1>");
  auto [hull, full] = mask.ranges(0, 0, 4, 7);
  EXPECT_EQ(hull.begin, 0);
  EXPECT_EQ(hull.end, TestedMask::keys);
  EXPECT_GE(full.begin, full.end);
}

// HEED_SEED=n runs the bodies from n on; a failure prints its seed and body.
TEST(Ranges, NeverContradictBruteForce) {
  const char *given = std::getenv("HEED_SEED");
  unsigned first = given ? static_cast<unsigned>(std::atoi(given)) : 0;
  int useful = 0; // the coverage: bodies for which the ranges say something
  for (unsigned seed = first; seed < first + 150; ++seed) {
    SCOPED_TRACE("HEED_SEED=" + std::to_string(seed));
    std::string body = RandomBody(seed).text;
    TestedMask mask(body);
    ASSERT_TRUE(mask.parsed) << body;
    mask.offset = static_cast<int64_t>(seed % 11) - 5;
    expectSound(mask, body);
    if (HasFatalFailure())
      return;
    auto [hull, full] = mask.ranges(1, 1, 4, 7);
    useful += hull.begin > 0 || hull.end < TestedMask::keys || full.begin < full.end;
  }
  RecordProperty("useful", useful);
  EXPECT_GT(useful, 30);
}

} // namespace
