// Pages equal slots bit for bit: in every form under its default plan, for numbers stored as they
// are computed with, in half the bits, and as int8 with a scale for each token.
// Under other plans they need not: docs/architecture.md, "What comes out".
#include "tests/forms/Run.h"

using namespace heed;
using namespace heed::test;

namespace {

enum class Kept { F32, F16, Int8 };
constexpr const char *keptNames[] = {"f32", "f16", "int8"};

constexpr int64_t batch = 2, queries = 7, keyHeads = 2, pageSize = 4, pages = 5;

std::string describe(Kept kept, int64_t dim, bool isPaged) {
  Storage cache = kept == Kept::F16 ? Storage::F16 : Storage::F32;
  Attention a("k", {.heads = 2 * keyHeads, .keyHeads = keyHeads, .headDim = dim, .cache = cache});
  if (kept == Kept::Int8)
    a.int8(a.input<Real>("ks", {any, any, keyHeads}), a.input<Real>("vs", {any, any, keyHeads}));
  if (isPaged)
    a.paged(pageSize);
  a.keyLengths();
  a.mask([](Position p) { return p.key <= p.place(); });
  return a.text();
}

/// Rows (batch, position, ...) in pages (page, slot, ...): those of a batch entry lie anywhere.
Array inPages(const Array &rows, const Array &table) {
  std::vector<int64_t> shape = rows.shape;
  shape[0] = batch * pages + 1, shape[1] = pageSize;
  Array pool(shape, std::nan("")); // what no entry owns is never read
  size_t row = rows.values.size() / size_t(batch * pages * pageSize);
  for (int64_t b = 0; b < batch; b++)
    for (int64_t p = 0; p < pages * pageSize; p++) {
      int64_t place = int64_t(table({b, p / pageSize})) * pageSize + p % pageSize;
      std::copy_n(rows.values.begin() + (b * pages * pageSize + p) * int64_t(row), row,
                  pool.values.begin() + place * int64_t(row));
    }
  return pool;
}

/// For calls of several lengths, under the form's default plan.
void expectEqual(Kept kept, int64_t dim, const char *target, size_t form) {
  const Array table({batch, pages}, {7, 0, 4, 9, 2, 3, 10, 1, 8, 6});
  const bool isBytes = kept == Kept::Int8;
  Array q = wholeNumbers({batch, queries, 2 * keyHeads, dim}, 1, 100);
  Array k = wholeNumbers({batch, pages * pageSize, keyHeads, dim}, 2, 100),
        v = wholeNumbers(k.shape, 3, 100);
  for (double &value : q.values)
    value /= 640;
  for (double &value : k.values)
    value /= isBytes ? 1 : 64;
  Array scales = wholeNumbers({batch, pages * pageSize, keyHeads}, 4, 100);
  for (double &value : scales.values)
    value /= 3000;
  auto plan = [&](attn::KernelOp kernel) {
    return startingPlans(kernel, llvm::cantFail(findTarget(target)))->at(form);
  };
  SCOPED_TRACE(std::string(keptNames[int(kept)]) + ", head size " + std::to_string(dim) + ", " +
               target + ", form " + std::to_string(form));
  Compiled slots(describe(kept, dim, false), plan), paged(describe(kept, dim, true), plan);
  for (double length : {1.0, 8.0, 15.0, 20.0}) {
    const Array lengths({batch}, {20, length});
    std::vector<Array> inSlots = {q, k, v}, ofPages = {q, inPages(k, table), inPages(v, table)};
    if (isBytes) {
      inSlots.insert(inSlots.end(), {scales, scales}); // scales lie in no pages
      ofPages.insert(ofPages.end(), {scales, scales});
    }
    inSlots.push_back(lengths);
    ofPages.push_back(table), ofPages.push_back(lengths);
    std::vector<double> expected = slots.run(inSlots)[0].values;
    EXPECT_NE(expected.front(), 0);
    EXPECT_EQ(paged.run(ofPages)[0].values, expected) << "length " << length;
  }
}

} // namespace

class Paged : public testing::TestWithParam<Kept> {};

TEST_P(Paged, EqualsContiguousBitForBitInEveryForm) {
  for (size_t form : {0, 1, 2})
    expectEqual(GetParam(), 32, "host", form);
}

TEST(PagedColumns, EqualContiguousWhereARegisterTileEndsAmidTheColumns) {
  expectEqual(Kept::F32, 6, "host", 0);
}

// Half an hour: --gtest_also_run_disabled_tests.
TEST_P(Paged, DISABLED_EqualsContiguousForManyHeadSizes) {
  for (int64_t dim : {7, 16, 24, 40, 48, 67, 80, 96, 112, 128, 160, 192, 256})
    for (const char *target : {"x86-64-avx512", "x86-64-avx2"})
      for (size_t form : {0, 1, 2})
        expectEqual(GetParam(), dim, target, form);
}

INSTANTIATE_TEST_SUITE_P(Storages, Paged, testing::Values(Kept::F32, Kept::F16, Kept::Int8),
                         [](const auto &info) { return keptNames[int(info.param)]; });
