// Tiles that are counted from the last query, where later queries look at more keys: the last tile
// lacks queries before the first one. Rows are stored last to first, tasks run in either order.
#include "tests/forms/Run.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr int partQueries = 8;

/// Tasks of `taskTiles` tiles of two vectors of queries; masked blocks are walked by vectors.
Plan planOf(int taskTiles) {
  Plan plan = smallPlans()[0];
  plan.form = OnlinePlan{.queryTile = 2 * partQueries,
                         .taskTiles = taskTiles,
                         .keyTile = 8,
                         .edgeKeyTile = 4,
                         .queryVectors = 2,
                         .edgeVectors = 1,
                         .keyUnroll = 2,
                         .depthUnroll = 2,
                         .reduceUnroll = 4};
  return plan;
}

/// Numbers of queries at which tiles and tasks are whole, lack a query, or have just one.
std::vector<int> lengthsFor(int taskTiles) {
  const int task = taskTiles * 2 * partQueries;
  std::vector<int> lengths{1, partQueries - 1, partQueries};
  for (int whole : {partQueries, 2 * partQueries, task, 2 * task})
    for (int more : {-1, 0, 1})
      lengths.push_back(whole + more);
  return lengths;
}

/// Key k counts for query i if i - left <= k <= i + right.
void check(int left, int right, int keysMore, bool isMade) {
  for (int taskTiles : {1, 2}) {
    Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 4});
    if (isMade) {
      a.key([](Element e) { return e.value * 0.5; });
      a.value([](Element e) { return e.value * 2.0; });
    }
    a.mask([&](Position p) { return p.query - left <= p.key && p.key <= p.query + right; });
    Compiled kernel(a.text(), planOf(taskTiles));
    for (int queries : lengthsFor(taskTiles)) {
      SCOPED_TRACE(testing::Message() << queries << " queries, " << taskTiles << " tiles a task");
      const int keys = queries + keysMore;
      std::vector<Array> inputs = {wholeNumbers({2, queries, 2, 4}, 1),
                                   wholeNumbers({2, keys, 1, 4}, 2),
                                   wholeNumbers({2, keys, 1, 4}, 3)};
      // No query looks at these, so nothing may be read of them.
      for (int b = 0; b < 2; b++)
        for (int k = 0; k < -left; k++)
          for (int d = 0; d < 4; d++)
            inputs[2]({b, k, 0, d}) = std::nan("");
      Array actual = kernel.run(inputs).front();
      ASSERT_TRUE(std::all_of(actual.values.begin(), actual.values.end(),
                              [](double value) { return std::isfinite(value); }));
      for (double &value : inputs[2].values)
        value = std::isnan(value) ? 0 : value;
      ASSERT_NO_FATAL_FAILURE(expectNear(actual, kernel.expected(inputs).front()));
    }
  }
}

} // namespace

TEST(TileOrder, Causal) {
  check(1000, 0, 0, false);
  check(1000, 0, 0, true);
}

TEST(TileOrder, CausalWithKeysBeforeTheFirstQuery) {
  check(1000, 13, 13, false);
  check(1000, 13, 13, true);
}

TEST(TileOrder, Window) {
  check(5, 0, 0, false);
  check(20, 2, 2, true);
}

// Parts of 24 queries, gathered by 16.
TEST(TileOrder, StripsThatDoNotDivideParts) {
  Plan plan = planOf(1);
  auto &online = std::get<OnlinePlan>(plan.form);
  online.queryTile = 48, online.queryVectors = 3, online.edgeVectors = 3, online.turn = 16;
  Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 4});
  a.mask([](Position p) { return p.key <= p.query; });
  Compiled kernel(a.text(), plan);
  for (int queries : {1, 15, 17, 24, 25, 31, 33, 47, 49, 65, 73, 96}) {
    SCOPED_TRACE(testing::Message() << queries << " queries");
    std::vector<Array> inputs = {wholeNumbers({1, queries, 2, 4}, 1),
                                 wholeNumbers({1, queries, 1, 4}, 2),
                                 wholeNumbers({1, queries, 1, 4}, 3)};
    ASSERT_NO_FATAL_FAILURE(
        expectNear(kernel.run(inputs).front(), kernel.expected(inputs).front()));
  }
}

// The window of the first query begins after some keys, which queries before it would look at.
TEST(TileOrder, WindowThatBeginsLate) {
  check(-16, 30, 30, false);
  check(-9, 21, 25, true);
}
