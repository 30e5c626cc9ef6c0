// Mask ranges against brute force. Soundness on random regions: the hull holds every pair that
// counts, the full range none that doesn't. Exactness where it is promised: bands, chunks,
// prefixes.
#include "compiler/evaluate/IntervalDomain.h"
#include "compiler/evaluate/NumbersDomain.h"
#include "tests/unit/Parse.h"

#include <cstdlib>
#include <random>

using namespace heed;

namespace {

/// A kernel with one mask, whose body yields %keep; lengths and flags are captures by batch and
/// head.
std::string moduleText(const std::string &body) {
  return R"(
attn.kernel @k(%q: tensor<?x?x?x1xf32>, %k: tensor<?x?x?x1xf32>, %v: tensor<?x?x?x1xf32>,
               %lengths: tensor<?xi32>, %widths: tensor<?xi64>, %flags: tensor<?xi1>, %pairs: tensor<?x?xi1>)
    -> tensor<?x?x?x1xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32>
  %m = attn.mask %s captures(%lengths, %widths, %flags, %pairs
      : tensor<?xi32>, tensor<?xi64>, tensor<?xi1>, tensor<?x?xi1>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index,
       %tl: tensor<?xi32>, %tw: tensor<?xi64>, %tf: tensor<?xi1>, %tp: tensor<?x?xi1>):
    %ql = attn.query_length
    %kl = attn.key_length
    %offset = attn.query_offset
)" + body +
         R"(
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32>
  attn.return %o : tensor<?x?x?x1xf32>
})";
}

struct Interval {
  int64_t begin, end;
};

/// A mask with its ranges, evaluated on numbers.
class Mask {
public:
  explicit Mask(const std::string &body) : parsed(moduleText(body)) {
    EXPECT_TRUE(parsed) << parsed.errors << body;
    mask = *parsed.kernel().getBody().getOps<attn::MaskOp>().begin();
    mlir::Block &block = mask.getRanges().emplaceBlock();
    for (mlir::BlockArgument argument : mask.getBody().getArguments())
      block.addArgument(argument.getType(), argument.getLoc());
    llvm::SmallVector<mlir::Value> ranges = evaluateRanges(mask, &block);
    mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(&block);
    attn::YieldOp::create(builder, mask.getLoc(), ranges);

    context.load = [](unsigned capture, llvm::ArrayRef<Number> at) {
      int64_t i = at[0].asInteger();
      if (capture == 0)
        return Number(int64_t(5 + 4 * i));
      if (capture == 1)
        return Number(int64_t(3 + 2 * i));
      return Number(capture == 2 ? i % 2 == 1 : (i * 7 + at[1].asInteger() * 3) % 5 < 2);
    };
    context.extent = [](unsigned capture, unsigned) {
      return Number(int64_t(capture == 3 ? 24 : 2));
    };
    context.queryLength = [] { return Number(queries); };
    context.keyLength = [] { return Number(keys); };
    context.queryOffset = [this] { return Number(offset); };
  }

  bool keeps(int64_t batch, int64_t head, int64_t query, int64_t key) {
    return (*evaluate(mask.getBody(), {Number(batch), Number(head), Number(query), Number(key)},
                      context))[0]
        .asBoolean();
  }
  /// Hull and full range, cut to the keys there are.
  std::pair<Interval, Interval> ranges(int64_t batch, int64_t head, int64_t first, int64_t last) {
    auto values = *evaluate(mask.getRanges(),
                            {Number(batch), Number(head), Number(first), Number(last)}, context);
    auto cut = [&](int i) {
      return Interval{std::max<int64_t>(values[i].asInteger(), 0),
                      std::min(values[i + 1].asInteger(), keys)};
    };
    return {cut(0), cut(2)};
  }

  static constexpr int64_t queries = 20, keys = 24;
  int64_t offset = 4;
  Parsed parsed;

private:
  attn::MaskOp mask;
  Context<Number> context;
};

/// Which keys count for some query of a tile and which for all of them.
struct Truths {
  std::vector<bool> some, all;
};

Truths bruteForce(Mask &mask, int64_t batch, int64_t head, int64_t first, int64_t last) {
  Truths result{std::vector<bool>(Mask::keys), std::vector<bool>(Mask::keys, true)};
  for (int64_t key = 0; key < Mask::keys; ++key)
    for (int64_t query = first; query <= last; ++query) {
      bool keeps = mask.keeps(batch, head, query, key);
      result.some[key] = result.some[key] || keeps;
      result.all[key] = result.all[key] && keeps;
    }
  return result;
}

const std::vector<std::pair<int64_t, int64_t>> tiles = {{0, 0},  {0, 3},   {4, 7},
                                                        {3, 11}, {16, 19}, {0, 19}};

void expectSound(Mask &mask, const std::string &body) {
  for (int64_t batch : {0, 1})
    for (int64_t head : {0, 1})
      for (auto [first, last] : tiles) {
        Truths truths = bruteForce(mask, batch, head, first, last);
        auto [hull, full] = mask.ranges(batch, head, first, last);
        for (int64_t key = 0; key < Mask::keys; ++key) {
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
  Mask mask(body);
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
    Mask mask(body);
    expectSound(mask, body);
  }
}

TEST(Ranges, OfWhatIsUnknownAreEverythingAndNothing) {
  Mask mask("%keep = attn.load %tp[%query, %key] : tensor<?x?xi1>");
  auto [hull, full] = mask.ranges(0, 0, 4, 7);
  EXPECT_EQ(hull.begin, 0);
  EXPECT_EQ(hull.end, Mask::keys);
  EXPECT_GE(full.begin, full.end);
}

/// Random bodies: index values from positions, captures and constants; truths from comparisons of
/// them.
class RandomBody {
public:
  explicit RandomBody(unsigned seed) : random(seed) {
    indices = {"%key", "%query", "%batch", "%head", "%ql", "%kl", "%offset"};
    emit("%length", "attn.load %tl[%batch] : tensor<?xi32>");
    indices.push_back(emit("index", "arith.index_cast %length : i32 to index"));
    emit("%width", "attn.load %tw[%head] : tensor<?xi64>");
    indices.push_back(emit("index", "arith.index_cast %width : i64 to index"));
    truths = {emit("flag", "attn.load %tf[%head] : tensor<?xi1>")};
    if (below(3) == 0)
      truths.push_back(emit("pair", "attn.load %tp[%query, %key] : tensor<?x?xi1>"));
    for (int i = 0; i < 5; ++i)
      addIndex();
    for (int i = 0; i < 3; ++i)
      addComparison();
    for (int i = 0; i < 5; ++i)
      addTruth();
    text += "    %keep = arith.andi " + truths.back() + ", " + truths.back() + " : i1\n";
  }
  std::string text;

private:
  int below(int n) { return static_cast<int>(random() % n); }
  std::string pick(const std::vector<std::string> &from) {
    // Half the time one of the latest, so that expressions get deep.
    size_t start = below(2) == 0 && from.size() > 3 ? from.size() - 3 : 0;
    return from[start + below(static_cast<int>(from.size() - start))];
  }
  std::string emit(std::string name, const std::string &op) {
    if (name[0] != '%')
      name = "%" + name + std::to_string(count++);
    text += "    " + name + " = " + op + "\n";
    return name;
  }
  std::string constant(int low, int high) {
    return emit("c", "arith.constant " + std::to_string(low + below(high - low + 1)) + " : index");
  }
  void addIndex() {
    const char *binary[] = {"addi", "subi", "subi", "maxsi", "minsi", "muli"};
    const char *byConstant[] = {"divsi", "floordivsi", "ceildivsi", "remsi", "muli"};
    std::string x = pick(indices);
    switch (below(5)) {
    case 0:
      indices.push_back(emit("i", std::string("arith.") + byConstant[below(5)] + " " + x + ", " +
                                      constant(below(2) ? 1 : 2, 6) + " : index"));
      return;
    case 1:
      indices.push_back(emit("i", "arith.addi " + x + ", " + constant(-9, 9) + " : index"));
      return;
    case 2:
      indices.push_back(below(2)
                            ? emit("i", "math.absi " + x + " : index")
                            : emit("i", "arith.muli " + x + ", " + constant(-3, 3) + " : index"));
      return;
    default:
      indices.push_back(emit("i", std::string("arith.") + binary[below(6)] + " " + x + ", " +
                                      pick(indices) + " : index"));
    }
  }
  void addComparison() {
    const char *predicates[] = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "uge"};
    truths.push_back(emit("t", std::string("arith.cmpi ") + predicates[below(8)] + ", " +
                                   pick(indices) + ", " +
                                   (below(4) ? pick(indices) : constant(-2, 24)) + " : index"));
  }
  void addTruth() {
    const char *binary[] = {"andi", "ori", "xori"};
    switch (below(5)) {
    case 0:
      truths.push_back(emit("t", "arith.xori " + pick(truths) + ", " +
                                     emit("true", "arith.constant true") + " : i1"));
      return;
    case 1:
      truths.push_back(emit("t", "arith.select " + pick(truths) + ", " + pick(truths) + ", " +
                                     pick(truths) + " : i1"));
      return;
    case 2:
      indices.push_back(emit("i", "arith.select " + pick(truths) + ", " + pick(indices) + ", " +
                                      pick(indices) + " : index"));
      addComparison();
      return;
    default:
      truths.push_back(emit("t", std::string("arith.") + binary[below(3)] + " " + pick(truths) +
                                     ", " + pick(truths) + " : i1"));
    }
  }

  std::mt19937 random;
  std::vector<std::string> indices, truths;
  int count = 0;
};

// HEED_SEED=n runs the bodies from n on; a failure prints its seed and body.
TEST(Ranges, NeverContradictBruteForce) {
  const char *given = std::getenv("HEED_SEED");
  unsigned first = given ? static_cast<unsigned>(std::atoi(given)) : 0;
  int useful = 0; // the coverage: bodies for which the ranges say something
  for (unsigned seed = first; seed < first + 150; ++seed) {
    SCOPED_TRACE("HEED_SEED=" + std::to_string(seed));
    std::string body = RandomBody(seed).text;
    Mask mask(body);
    ASSERT_TRUE(mask.parsed) << body;
    mask.offset = static_cast<int64_t>(seed % 11) - 5;
    expectSound(mask, body);
    if (HasFatalFailure())
      return;
    auto [hull, full] = mask.ranges(1, 1, 4, 7);
    useful += hull.begin > 0 || hull.end < Mask::keys || full.begin < full.end;
  }
  RecordProperty("useful", useful);
  EXPECT_GT(useful, 30);
}

} // namespace
