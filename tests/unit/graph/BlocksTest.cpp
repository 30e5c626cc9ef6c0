// Masks that data decides: which blocks of keys a tile of queries visits, counted, and that it
// loads no others.
#include "compiler/dialect/KernelView.h"
#include "compiler/graph/AttentionProgram.h"
#include "compiler/graph/Online.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Pipeline.h"
#include "tests/unit/Parse.h"
#include "tests/unit/graph/RunEntry.h"

#include "mlir/Pass/PassManager.h"

#include <cmath>
#include <functional>

using namespace heed;

namespace {

/// One head; the mask's body, and the capture that it reads as %t.
std::string kernel(const std::string &capture, const std::string &role, const std::string &body) {
  return "attn.kernel @sparse(%q: tensor<1x?x1x4xf32>, %k: tensor<1x?x1x4xf32>, "
         "%v: tensor<1x?x1x4xf32>, %data: " +
         capture + role + R"() -> tensor<1x?x1x4xf32> {
  %s = attn.score dot %q, %k : (tensor<1x?x1x4xf32>, tensor<1x?x1x4xf32>) -> tensor<1x1x?x?xf32>
  %m = attn.mask %s captures(%data : )" +
         capture + R"() {
  ^bb0(%batch: index, %head: index, %query: index, %key: index, %t: )" +
         capture + "):\n" + body + R"(
    attn.yield %keep : i1
  } : tensor<1x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<1x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<1x1x?x?xf32>, tensor<1x?x1x4xf32>) -> tensor<1x?x1x4xf32>
  attn.return %o : tensor<1x?x1x4xf32>
})";
}

std::string pairs(const std::string &more = "    %keep = arith.ori %loaded, %loaded : i1") {
  return kernel("tensor<?x?xi1>", "", R"(
    %loaded = attn.load %t[%query, %key] : tensor<?x?xi1>
)" + more);
}

std::string blocks(int queries, int keys) {
  return kernel("tensor<?x?xi1>", "",
                R"(
    %nq = arith.constant )" +
                    std::to_string(queries) +
                    R"( : index
    %nk = arith.constant )" +
                    std::to_string(keys) +
                    R"( : index
    %i = arith.divsi %query, %nq : index
    %j = arith.divsi %key, %nk : index
    %keep = attn.load %t[%i, %j] : tensor<?x?xi1>)");
}

const std::string documents = kernel("tensor<?xi32>", " {attn.segments}", R"(
    %begin = attn.segment_begin %t[%query] : tensor<?xi32>
    %end = attn.segment_end %t[%query] : tensor<?xi32>
    %after = arith.cmpi sge, %key, %begin : index
    %before = arith.cmpi slt, %key, %end : index
    %keep = arith.andi %after, %before : i1)");

const std::string orOfTheFirstKeys = R"(
    %two = arith.constant 2 : index
    %isFirst = arith.cmpi slt, %key, %two : index
    %keep = arith.ori %loaded, %isFirst : i1)";

void runPasses(Parsed &parsed) {
  ASSERT_TRUE(parsed) << parsed.errors;
  mlir::PassManager passes(&parsed.context);
  buildPipeline(passes);
  ASSERT_TRUE(succeeded(passes.run(*parsed.module))) << parsed.errors;
}

constexpr int tileQueries = 4, tileKeys = 4, edgeKeys = 2;

/// The lists of a tile: key tiles that are whole, and edge tiles that are not.
struct Lists {
  std::vector<int> whole, partial;
  bool operator==(const Lists &) const = default;
  friend void PrintTo(const Lists &lists, std::ostream *stream) {
    for (const auto &list : {lists.whole, lists.partial}) {
      *stream << "{ ";
      for (int block : list)
        *stream << block << " ";
      *stream << "} ";
    }
  }
};

/// As a graph of these tiles makes them.
std::vector<Lists> listsOf(const std::string &text, Halide::Buffer<> data, int queries, int keys) {
  Parsed parsed(text);
  runPasses(parsed);
  AttentionView view = *viewAttention(parsed.kernel());
  Operands operands(*kernelSignature(parsed.kernel()));
  PairProgram program = *readAttention(view, operands);
  OnlinePlan plan{.queryTile = tileQueries,
                  .keyTile = tileKeys,
                  .edgeKeyTile = edgeKeys,
                  .queryVectors = 1,
                  .keyUnroll = 2,
                  .depthUnroll = 2,
                  .reduceUnroll = 1};
  OnlineStages stages = buildOnline(program, plan, plan.queryTile, false);
  auto set = [&](unsigned number, Halide::Buffer<> buffer) {
    operands.buffer(parsed.kernel().getBody().getArgument(number)).set(buffer);
  };
  set(0, Halide::Buffer<float>(4, 1, queries, 1));
  set(1, Halide::Buffer<float>(4, 1, keys, 1));
  set(2, Halide::Buffer<float>(4, 1, keys, 1));
  set(3, data);
  std::vector<Lists> lists((queries + tileQueries - 1) / tileQueries);
  EXPECT_EQ(stages.queries.lists.size(), 2u);
  for (SegmentTable &table : stages.queries.segments)
    table.count.compute_root(), table.ends.compute_root();
  for (bool isWhole : {true, false}) {
    int most = (keys + (isWhole ? tileKeys : edgeKeys) - 1) / (isWhole ? tileKeys : edgeKeys);
    Halide::Func list = stages.queries.lists[!isWhole].blocks;
    Halide::Buffer<int> got = list.realize({most + 1, int(lists.size()), 1, 1});
    for (size_t tile = 0; tile < lists.size(); tile++)
      for (int i = 1; i <= got(0, int(tile), 0, 0); i++)
        (isWhole ? lists[tile].whole : lists[tile].partial).push_back(got(i, int(tile), 0, 0));
  }
  return lists;
}

/// As they have to be.
std::vector<Lists> expectedLists(std::function<bool(int query, int key)> counts, int queries,
                                 int keys) {
  std::vector<Lists> lists;
  for (int first = 0; first < queries; first += tileQueries) {
    auto count = [&](int firstKey, int size) {
      int n = 0;
      for (int i = first; i < std::min(first + tileQueries, queries); i++)
        for (int j = firstKey; j < std::min(firstKey + size, keys); j++)
          n += counts(i, j);
      return n;
    };
    int rows = std::min(tileQueries, queries - first);
    Lists &tile = lists.emplace_back();
    for (int b = 0; b * tileKeys < keys; b++) {
      if (count(b * tileKeys, tileKeys) == rows * tileKeys) {
        tile.whole.push_back(b);
        continue;
      }
      for (int e = b * tileKeys / edgeKeys; e < (b + 1) * tileKeys / edgeKeys; e++)
        if (count(e * edgeKeys, edgeKeys))
          tile.partial.push_back(e);
    }
  }
  return lists;
}

Halide::Buffer<uint8_t> truths(std::function<bool(int row, int column)> isTrue, int rows,
                               int columns) {
  Halide::Buffer<uint8_t> buffer(columns, rows);
  buffer.for_each_element([&](int j, int i) { buffer(j, i) = isTrue(i, j); });
  return buffer;
}

} // namespace

TEST(Blocks, OfATensorThatIsCausalAreThoseOfCausal) {
  auto causal = [](int i, int j) { return j <= i; };
  EXPECT_EQ(listsOf(pairs(), truths(causal, 14, 14), 14, 14), expectedLists(causal, 14, 14));
}

TEST(Blocks, OfSquaresAreThoseThatAreSet) {
  auto set = [](int i, int j) { return (i * 5 + j * 3) % 7 < 2; };
  auto counts = [&](int i, int j) { return set(i / 4, j / 4); };
  std::vector<Lists> expected = expectedLists(counts, 16, 36);
  EXPECT_EQ(listsOf(blocks(4, 4), truths(set, 4, 9), 16, 36), expected);
  for (const Lists &tile : expected)
    EXPECT_TRUE(tile.partial.empty());
}

TEST(Blocks, OfSquaresThatTilesCut) {
  auto set = [](int i, int j) { return (i + j) % 3 == 0; };
  auto counts = [&](int i, int j) { return set(i / 6, j / 6); };
  EXPECT_EQ(listsOf(blocks(6, 6), truths(set, 3, 5), 18, 30), expectedLists(counts, 18, 30));
}

TEST(Blocks, OfAnOr) {
  auto later = [](int i, int j) { return j >= 8 && j <= i; };
  auto counts = [&](int i, int j) { return j < 2 || later(i, j); };
  EXPECT_EQ(listsOf(pairs(orOfTheFirstKeys), truths(later, 13, 17), 13, 17),
            expectedLists(counts, 13, 17));
}

TEST(Blocks, OfDocumentsAreThoseOfTheirOwn) {
  Halide::Buffer<int> starts(4);
  const int ends[] = {0, 8, 12, 20};
  std::copy(std::begin(ends), std::end(ends), starts.begin());
  auto document = [&](int i) { return int(std::upper_bound(ends, ends + 4, i) - ends); };
  auto counts = [&](int i, int j) { return document(i) == document(j); };
  EXPECT_EQ(listsOf(documents, starts, 20, 20), expectedLists(counts, 20, 20));
}

TEST(Blocks, OfNothingAreNone) {
  auto never = [](int, int) { return false; };
  EXPECT_EQ(listsOf(pairs(), truths(never, 5, 9), 5, 9), std::vector<Lists>(2));
}

// A weight of 0 does not hide a NaN: values of blocks that do not count are not even loaded. The
// forms are scheduled here, which is what decides.
class SkippedBlocks : public testing::TestWithParam<bool> {
protected:
  static constexpr int keyTile = 16, keyBlocks = 5;
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  const int queryTile = 2 * host.lanes;

  Plan plan() const {
    if (GetParam())
      return {
          host.name,
          RowPlan{.queryTile = queryTile, .keyTile = keyTile, .keyUnroll = 4, .depthUnroll = 2}};
    return {host.name, OnlinePlan{.queryTile = queryTile,
                                  .keyTile = keyTile,
                                  .edgeKeyTile = keyTile / 2,
                                  .queryVectors = 2,
                                  .keyUnroll = 4,
                                  .depthUnroll = 2,
                                  .reduceUnroll = 2}};
  }

  Array filled(int rows, double phase) const {
    Array array({1, rows, 1, 4});
    for (size_t i = 0; i < array.values.size(); i++)
      array.values[i] = float(std::sin(phase + 1.7 * double(i)));
    return array;
  }
};

TEST_P(SkippedBlocks, AreNotLoaded) {
  Parsed parsed(blocks(queryTile, keyTile));
  runPasses(parsed);
  int queries = 2 * queryTile, keys = keyBlocks * keyTile;
  std::vector<Array> inputs = {
      filled(queries, 0), filled(keys, 1), filled(keys, 2),
      Array({2, keyBlocks}, {1, 0, 1, 0, 0, /*second tile*/ 0, 0, 1, 0, 1})};
  mlir::FailureOr<std::vector<Entry>> entries = buildEntries(parsed.kernel(), plan());
  ASSERT_TRUE(succeeded(entries)) << parsed.errors;
  auto run = [&] { return test::runEntry(entries->front(), inputs, {{1, queries, 1, 4}}).front(); };
  Array clean = run(), expected = interpret(parsed.kernel(), inputs)->front();
  for (size_t i = 0; i < clean.values.size(); i++)
    ASSERT_NEAR(clean.values[i], expected.values[i], 1e-5);
  auto poison = [&](int block) {
    for (Array *rows : {&inputs[1], &inputs[2]})
      std::fill_n(rows->values.begin() + block * keyTile * 4, keyTile * 4, std::nan(""));
  };
  poison(1), poison(3); // which no tile visits
  EXPECT_EQ(run().values, clean.values);
  poison(0); // which only the first does
  Array half = run();
  for (int i = 0; i < queries; i++)
    for (int d = 0; d < 4; d++) {
      size_t at = size_t(i) * 4 + d;
      if (i < queryTile)
        EXPECT_TRUE(std::isnan(half.values[at])) << "query " << i;
      else
        EXPECT_EQ(half.values[at], clean.values[at]) << "query " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Forms, SkippedBlocks, testing::Bool(), [](const auto &info) {
  return std::string(info.param ? "row" : "online");
});

// Of the blocks on the diagonal, each part of a tile visits those up to its own last query, and of
// a block the groups of keys up to there.
class Diagonal : public testing::TestWithParam<int> {};

TEST_P(Diagonal, IsLeftToThePartsThatNeedIt) {
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  const int tile = 4 * host.lanes, part = tile / 2;
  Parsed parsed(kernel("tensor<1xf32>", "", "    %keep = arith.cmpi sle, %key, %query : index"));
  runPasses(parsed);
  auto filled = [&](double phase) {
    Array array({1, 2 * tile, 1, 4});
    for (size_t i = 0; i < array.values.size(); i++)
      array.values[i] = float(std::sin(phase + 1.7 * double(i)));
    return array;
  };
  std::vector<Array> inputs = {filled(0), filled(1), filled(2), Array({1}, std::vector<double>{0})};
  Plan plan{host.name, OnlinePlan{.queryTile = tile,
                                  .keyTile = tile / GetParam(),
                                  .edgeKeyTile = part,
                                  .queryVectors = 4,
                                  .keyUnroll = 4,
                                  .depthUnroll = 4}};
  mlir::FailureOr<std::vector<Entry>> entries = buildEntries(parsed.kernel(), plan);
  ASSERT_TRUE(succeeded(entries)) << parsed.errors;
  auto run = [&] {
    return test::runEntry(entries->front(), inputs, {{1, 2 * tile, 1, 4}}).front();
  };
  Array clean = run();
  inputs[2].values[size_t(tile + part) * 4] = std::nan(""); // of the last part's first own key
  Array poisoned = run();
  for (int i = 0; i < 2 * tile; i++)
    if (i < tile + part)
      EXPECT_EQ(poisoned.values[size_t(i) * 4], clean.values[size_t(i) * 4]) << "query " << i;
    else
      EXPECT_TRUE(std::isnan(poisoned.values[size_t(i) * 4])) << "query " << i;
}

INSTANTIATE_TEST_SUITE_P(BlocksATile, Diagonal, testing::Values(1, 2));
