// Tiles of queries that share rows which are made of keys and values: each walks over blocks of its
// own, in what was packed for all.
#include "tests/forms/Run.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr int tileQueries = 8, tiles = 3;

void check(int left, int right, bool hasLengths) {
  SCOPED_TRACE(testing::Message() << left << " keys before, " << right << " after");
  Plan plan = smallPlans()[0];
  auto &online = std::get<OnlinePlan>(plan.form);
  ASSERT_EQ(online.queryTile, tileQueries);
  online.taskTiles = tiles;
  Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 4});
  a.key([](Element e) { return e.value * 0.5; });
  if (hasLengths)
    a.keyLengths();
  a.mask([&](Position p) { return p.query - left <= p.key && p.key <= p.query + right; });
  Compiled kernel(a.text(), plan);
  // The last task has one tile and a part of another.
  constexpr int queries = 2 * tiles * tileQueries + tileQueries + 3, keys = queries + 9;
  std::vector<Array> inputs = {wholeNumbers({2, queries, 2, 4}, 1),
                               wholeNumbers({2, keys, 1, 4}, 2), wholeNumbers({2, keys, 1, 4}, 3)};
  if (hasLengths)
    inputs.push_back(Array({2}, {keys - 5, 30}));
  Array actual = kernel.run(inputs).front(), expected = kernel.expected(inputs).front();
  expectNear(actual, expected);
}

} // namespace

TEST(SharedRows, WindowsNarrowerThanATile) {
  check(0, 0, false);
  check(3, 2, true);
}

TEST(SharedRows, WindowsNarrowerThanATask) {
  check(tileQueries + 2, 0, false);
  check(2 * tileQueries, 3, true);
}

TEST(SharedRows, WindowsWiderThanATask) {
  check(tiles * tileQueries + 5, 0, false);
  check(1000, 0, true);
}

// A task's tiles that do not share rows, each of several register tiles: a block that the keys do
// not fill is in no tile's walk, and what it lacks is not read either.
TEST(SharedRows, KeysThatLieInMemoryEndBeforeABlockDoes) {
  for (int keys : {1, 5, 13}) {
    SCOPED_TRACE(testing::Message() << keys << " keys");
    Plan plan = smallPlans()[0];
    auto &online = std::get<OnlinePlan>(plan.form);
    online.queryTile = 3 * tileQueries, online.taskTiles = 2;
    Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = 4});
    Compiled kernel(a.text(), plan);
    std::vector<Array> inputs = {wholeNumbers({1, 2 * online.queryTile + 1, 2, 4}, 1),
                                 wholeNumbers({1, keys, 1, 4}, 2),
                                 wholeNumbers({1, keys, 1, 4}, 3)};
    Array actual = kernel.run(inputs).front(), expected = kernel.expected(inputs).front();
    ASSERT_NO_FATAL_FAILURE(expectNear(actual, expected));
  }
}

// The last tiles have so few queries that vectors of them have none: their full blocks are walked
// by vectors, each with several sums of a dot where the number of columns, or of keys a step, is
// even.
TEST(SharedRows, TilesWhoseQueriesEndEarly) {
  const OnlinePlan online{.queryTile = 3 * tileQueries,
                          .taskTiles = 2,
                          .keyTile = 8,
                          .edgeKeyTile = 4,
                          .queryVectors = 3,
                          .edgeVectors = 1,
                          .keyUnroll = 2,
                          .depthUnroll = 2,
                          .reduceUnroll = 4};
  const int task = online.taskTiles * online.queryTile, queries = 2 * task, keys = queries + 5;
  for (int dim : {3, 4})
    for (bool isMasked : {false, true}) {
      SCOPED_TRACE(testing::Message() << dim << " columns, masked: " << isMasked);
      Attention a("k", {.heads = 2, .keyHeads = 1, .headDim = dim});
      a.key([](Element e) { return e.value * 0.5; });
      a.queryLengths();
      if (isMasked)
        a.mask([&](Position p) { return p.key <= p.query + 2; });
      Compiled kernel(a.text(), {smallPlans()[0].target, online});
      // In the last task that exists: a whole tile and one that ends early; one that ends early
      // alone; none; all of them.
      std::vector<Array> inputs = {
          wholeNumbers({4, queries, 2, dim}, 1), wholeNumbers({4, keys, 1, dim}, 2),
          wholeNumbers({4, keys, 1, dim}, 3),
          Array({4}, {double(task + online.queryTile + 5), double(task + 3), 0, double(queries)})};
      Array actual = kernel.run(inputs).front(), expected = kernel.expected(inputs).front();
      ASSERT_NO_FATAL_FAILURE(expectNear(actual, expected));
    }
}
