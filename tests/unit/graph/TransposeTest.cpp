// The pass that turns square blocks: same elements as Halide's own interleaving, for every element
// size and width, and left alone where the block is not square.
#include "schedules/families/Transpose.h"

#include <gtest/gtest.h>

using namespace Halide;

namespace {

/// out(x, y) = in(y, x), stored by blocks of `rows` interleaved vectors of `lanes` elements.
template <typename T> Pipeline turning(const Buffer<T> &in, int rows, int lanes) {
  Var x("x"), y("y"), block("block");
  std::vector<Expr> columns;
  for (int i = 0; i < rows; i++)
    columns.push_back(in(y, block * rows + i));
  Func strip("strip"), out("out");
  strip(x, y, block) = mux(x, columns);
  out(x, y) = strip(x % rows, y, x / rows);
  strip.compute_root()
      .bound(x, 0, rows)
      .reorder_storage(x, y, block)
      .reorder(x, y, block)
      .unroll(x)
      .vectorize(y, lanes);
  return Pipeline(out);
}

/// Counts stores of `rows` * `lanes` elements, and of `lanes`; changes nothing.
struct CountStores : Internal::IRMutator {
  CountStores(int rows, int lanes, std::pair<int, int> &count)
      : rows(rows), lanes(lanes), count(count) {}
  using IRMutator::visit;
  Internal::Stmt visit(const Internal::Store *store) override {
    int n = store->value.type().lanes();
    count.first += n == rows * lanes, count.second += n == lanes;
    return IRMutator::visit(store);
  }
  const int rows, lanes;
  std::pair<int, int> &count;
};

/// Stores of all rows interleaved, and of single vectors.
std::pair<int, int> storesOf(int rows, int lanes, bool withPass) {
  Buffer<float> in(4 * lanes, 3 * rows);
  in.fill(1.0f);
  Pipeline pipeline = turning(in, rows, lanes);
  if (withPass)
    pipeline.add_custom_lowering_pass(new heed::Transpose);
  std::pair<int, int> count;
  pipeline.add_custom_lowering_pass(new CountStores(rows, lanes, count));
  pipeline.realize({in.dim(1).extent(), in.dim(0).extent()});
  return count;
}

template <typename T> void expectTurned(int rows, int lanes) {
  SCOPED_TRACE(testing::Message() << sizeof(T) << " bytes, " << rows << " rows of " << lanes);
  Buffer<T> in(4 * lanes, 3 * rows);
  in.for_each_element([&](int x, int y) { in(x, y) = T(x + 1000 * y); });
  Pipeline pipeline = turning(in, rows, lanes);
  pipeline.add_custom_lowering_pass(new heed::Transpose);
  Buffer<T> out = pipeline.realize({in.dim(1).extent(), in.dim(0).extent()});
  out.for_each_element([&](int x, int y) { ASSERT_EQ(out(x, y), in(y, x)) << x << ", " << y; });
}

} // namespace

TEST(Transpose, SquaresOfEverySize) {
  for (int n : {2, 4, 8, 16, 32})
    expectTurned<float>(n, n);
  for (int n : {2, 4, 8, 16})
    expectTurned<double>(n, n);
  for (int n : {8, 16})
    expectTurned<int16_t>(n, n);
}

TEST(Transpose, LeavesWhatIsNoSquare) {
  expectTurned<float>(4, 16);
  expectTurned<float>(3, 8);
  expectTurned<float>(16, 8);
}

TEST(Transpose, RewritesStoresOfSquaresOnly) {
  auto [wide, single] = storesOf(16, 16, false);
  EXPECT_GT(wide, 0);
  EXPECT_EQ(single, 0);
  EXPECT_EQ(storesOf(16, 16, true), std::pair(0, 16 * wide));
  EXPECT_EQ(storesOf(4, 16, true), storesOf(4, 16, false));
}
