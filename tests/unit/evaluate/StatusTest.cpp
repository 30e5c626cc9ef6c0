// Block status against brute force: on random regions, what may not count never does and what all
// counts always does; and what status says of masks that ranges leave undecided.
#include "tests/unit/evaluate/TestedMask.h"

#include <cstdlib>

using namespace heed;

namespace {

const std::vector<std::pair<int64_t, int64_t>> queries = {{0, 0},  {0, 3},   {4, 7},
                                                          {3, 11}, {16, 19}, {0, 19}};
const std::vector<std::pair<int64_t, int64_t>> keys = {{0, 0},  {0, 3},   {4, 7},   {5, 12},
                                                       {8, 11}, {13, 23}, {20, 23}, {0, 23}};

/// How many blocks the status skips, how many it takes whole, and how many of either there are.
struct Decided {
  int skipped = 0, whole = 0, empty = 0, full = 0;
};

Decided expectSound(TestedMask &mask, const std::string &body) {
  Decided decided;
  auto check = [&](int64_t batch, int64_t head, MaskBlock block) {
    bool some = false, all = true;
    for (int64_t query = block.first; query <= block.last; ++query)
      for (int64_t key = block.firstKey; key <= block.lastKey; ++key) {
        bool keeps = mask.keeps(batch, head, query, key);
        some |= keeps;
        all &= keeps;
      }
    auto [may, must] = mask.status(batch, head, block);
    EXPECT_TRUE((may || !some) && (all || !must))
        << "queries " << block.first << ".." << block.last << ", keys " << block.firstKey << ".."
        << block.lastKey << ": may " << may << ", all " << must << "\n"
        << body;
    decided.skipped += !may, decided.whole += must, decided.empty += !some, decided.full += all;
  };
  for (int64_t batch : {0, 1})
    for (int64_t head : {0, 1})
      for (auto [first, last] : queries)
        for (auto [firstKey, lastKey] : keys)
          check(batch, head, {first, last, firstKey, lastKey});
  return decided;
}

/// The ranges leave keys undecided, and of the blocks the status misses none.
void expectExact(const std::string &body) {
  SCOPED_TRACE(body);
  TestedMask mask(body);
  EXPECT_TRUE(mask.leavesUndecided());
  ASSERT_TRUE(mask.hasStatus());
  Decided decided = expectSound(mask, body);
  EXPECT_EQ(decided.skipped, decided.empty);
  EXPECT_EQ(decided.whole, decided.full);
}

TEST(Status, OfTensorsIsExact) {
  expectExact("%keep = attn.load %tp[%query, %key] : tensor<?x?xi1>");
  expectExact(R"(%c4 = arith.constant 4 : index
    %a = arith.divsi %query, %c4 : index
    %b = arith.divsi %key, %c4 : index
    %keep = attn.load %tp[%a, %b] : tensor<?x?xi1>)");
  expectExact(R"(%true = arith.constant true
    %a = attn.load %tp[%query, %key] : tensor<?x?xi1>
    %keep = arith.xori %a, %true : i1)");
}

TEST(Status, OfPiecesApartIsExact) {
  // The first keys, and a few up to the query's own place.
  expectExact(R"(%c3 = arith.constant 3 : index
    %sink = arith.cmpi slt, %key, %c3 : index
    %low = arith.subi %query, %c3 : index
    %right = arith.cmpi sle, %key, %query : index
    %left = arith.cmpi sge, %key, %low : index
    %band = arith.andi %left, %right : i1
    %keep = arith.ori %sink, %band : i1)");
  expectExact("%keep = arith.cmpi ne, %key, %query : index");
}

// Equal documents on both sides: those of a block of queries are a range, and so are the keys'.
TEST(Status, OfDocumentsDecidesMost) {
  std::string body = R"(%a = attn.load %td[%batch, %query] : tensor<?x?xi32>
    %b = attn.load %td[%batch, %key] : tensor<?x?xi32>
    %keep = arith.cmpi eq, %a, %b : i32)";
  TestedMask mask(body);
  EXPECT_TRUE(mask.leavesUndecided());
  Decided decided = expectSound(mask, body);
  EXPECT_EQ(decided.skipped, decided.empty);
  EXPECT_EQ(decided.whole, decided.full);
}

TEST(Status, IsNotForMasksThatRangesDecide) {
  for (const char *body :
       {"%keep = arith.cmpi sle, %key, %query : index", "%keep = arith.constant true",
        "%keep = attn.load %tf[%batch] : tensor<?xi1>",
        R"(%c6 = arith.constant 6 : index
    %a = arith.cmpi slt, %key, %c6 : index
    %b = arith.cmpi sle, %key, %query : index
    %keep = arith.ori %a, %b : i1)",
        R"(%c3 = arith.constant 3 : index
    %p = arith.addi %query, %offset : index
    %d = arith.subi %key, %p : index
    %a = math.absi %d : index
    %keep = arith.cmpi sle, %a, %c3 : index)",
        R"(%c4 = arith.constant 4 : index
    %a = arith.divsi %key, %c4 : index
    %b = arith.divsi %query, %c4 : index
    %keep = arith.cmpi eq, %a, %b : index)",
        R"(%a = attn.segment_begin %ts[%query] : tensor<?xi32>
    %b = attn.segment_end %ts[%query] : tensor<?xi32>
    %low = arith.cmpi sle, %a, %key : index
    %high = arith.cmpi slt, %key, %b : index
    %keep = arith.andi %low, %high : i1)"}) {
    SCOPED_TRACE(body);
    EXPECT_FALSE(TestedMask(body).leavesUndecided());
  }
}

// A box as large as the tensor costs more than the block it decides about.
TEST(Status, LoadsNoLargeBoxes) {
  for (const char *body : {R"(%n = arith.constant 64 : index
    %row = arith.muli %query, %n : index
    %i = arith.addi %row, %key : index
    %keep = attn.load %tf[%i] : tensor<?xi1>)",
                           R"(%d = attn.load %td[%batch, %key] : tensor<?x?xi32>
    %i = arith.index_cast %d : i32 to index
    %keep = attn.load %tf[%i] : tensor<?xi1>)"}) {
    TestedMask mask(body);
    EXPECT_TRUE(mask.leavesUndecided());
    EXPECT_FALSE(mask.hasStatus()) << body;
  }
}

// HEED_SEED=n runs the bodies from n on; a failure prints its seed and body.
TEST(Status, NeverContradictsBruteForce) {
  const char *given = std::getenv("HEED_SEED");
  unsigned first = given ? static_cast<unsigned>(std::atoi(given)) : 0;
  int useful = 0; // the coverage: bodies of whose blocks some are decided
  for (unsigned seed = first; seed < first + 100; ++seed) {
    SCOPED_TRACE("HEED_SEED=" + std::to_string(seed));
    std::string body = RandomBody(seed).text;
    TestedMask mask(body);
    ASSERT_TRUE(mask.parsed) << body;
    mask.offset = static_cast<int64_t>(seed % 11) - 5;
    if (!mask.hasStatus())
      continue;
    Decided decided = expectSound(mask, body);
    if (HasFailure())
      return;
    useful += decided.skipped + decided.whole > 0;
  }
  RecordProperty("useful", useful);
  EXPECT_GT(useful, 30);
}

} // namespace
