// Rows have the same sums wherever they lie. Pages equal slots bit for bit: in every form, under
// any plan, at any head size, for numbers stored as they are computed with, in half the bits, and
// as int8 with a scale for each token.
#include "schedules/search/Space.h"
#include "tests/forms/Run.h"
#include "tests/unit/linear/Random.h"

#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace heed;
using namespace heed::test;

namespace {

// AllBF16: queries, too. Coarse: and weights, as they multiply.
enum class Kept { F32, F16, BF16, AllBF16, Coarse, Int8 };
constexpr const char *keptNames[] = {"f32", "f16", "bf16", "all_bf16", "coarse", "int8"};

constexpr int64_t batch = 2, queries = 7, keyHeads = 2, pageSize = 4, pages = 5;

std::string describe(Kept kept, int64_t dim, bool isPaged) {
  const bool isAll = kept == Kept::AllBF16 || kept == Kept::Coarse;
  Storage cache = kept == Kept::F16             ? Storage::F16
                  : kept == Kept::BF16 || isAll ? Storage::BF16
                                                : Storage::F32;
  Attention a("k", {.heads = 2 * keyHeads,
                    .keyHeads = keyHeads,
                    .headDim = dim,
                    .query = isAll ? Storage::BF16 : Storage::F32,
                    .cache = cache});
  if (kept == Kept::Coarse)
    a.weightsAs(Storage::BF16);
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

/// Of many sizes, so that sums depend on the order of their terms.
void spread(Array &rows) {
  for (size_t i = 0; i < rows.values.size(); i++)
    rows.values[i] = std::ldexp(rows.values[i], int(i * 7 % 9) - 6);
}

/// Where numbers differ first, and in how many places; empty where all bits are equal.
std::string difference(const std::vector<double> &found, const std::vector<double> &expected) {
  std::string first;
  size_t count = 0;
  for (size_t i = 0; i < expected.size(); i++)
    if (std::bit_cast<uint64_t>(found[i]) != std::bit_cast<uint64_t>(expected[i]) && ++count == 1)
      first = fmt::format("{} is {:.9g}, not {:.9g}", i, found[i], expected[i]);
  return count ? fmt::format("{}; {} of {} differ", first, count, expected.size()) : "";
}

using PlanOf = std::function<Plan(attn::KernelOp)>;

PlanOf defaultPlan(const char *target, size_t form) {
  return [=](attn::KernelOp kernel) {
    return startingPlans(kernel, llvm::cantFail(findTarget(target)))->at(form);
  };
}

/// For calls of several lengths.
void expectEqual(Kept kept, int64_t dim, const PlanOf &plan) {
  const Array table({batch, pages}, {7, 0, 4, 9, 2, 3, 10, 1, 8, 6});
  const bool isBytes = kept == Kept::Int8;
  Array q = wholeNumbers({batch, queries, 2 * keyHeads, dim}, 1, 100);
  Array k = wholeNumbers({batch, pages * pageSize, keyHeads, dim}, 2, 100),
        v = wholeNumbers(k.shape, 3, 100);
  for (double &value : q.values)
    value /= 640;
  for (double &value : k.values)
    value /= isBytes ? 1 : 64;
  if (kept == Kept::AllBF16 || kept == Kept::Coarse)
    spread(q), spread(k);
  Array scales = wholeNumbers({batch, pages * pageSize, keyHeads}, 4, 100);
  for (double &value : scales.values)
    value /= 3000;
  Compiled slots(describe(kept, dim, false), plan), paged(describe(kept, dim, true), plan);
  for (double length : {1.0, 8.0, 15.0, 20.0}) {
    const Array lengths({batch}, {20, length});
    std::vector<Array> inSlots = {q, k, v}, ofPages = {q, inPages(k, table), inPages(v, table)};
    if (isBytes) {
      inSlots.insert(inSlots.end(), {scales, scales});
      ofPages.insert(ofPages.end(), {inPages(scales, table), inPages(scales, table)});
    }
    inSlots.push_back(lengths);
    ofPages.push_back(table), ofPages.push_back(lengths);
    std::vector<double> expected = slots.run(inSlots)[0].values;
    EXPECT_NE(expected.front(), 0);
    EXPECT_EQ(difference(paged.run(ofPages)[0].values, expected), "") << "length " << length;
  }
}

} // namespace

class Paged : public testing::TestWithParam<Kept> {
protected:
  static void expectEqual(int64_t dim, const char *target, size_t form) {
    SCOPED_TRACE(fmt::format("head size {}, {}, form {}", dim, target, form));
    ::expectEqual(GetParam(), dim, defaultPlan(target, form));
  }
};

TEST_P(Paged, EqualsContiguousBitForBitInEveryForm) {
  for (size_t form : {0, 1, 2})
    expectEqual(32, "host", form);
}

// Where lanes are few, LLVM makes vectors of its own. Each storage at sizes that once differed.
TEST_P(Paged, EqualsContiguousAtSmallAndOddHeadSizes) {
  const std::map<Kept, std::vector<int64_t>> sizes = {{Kept::F32, {1, 7}},
                                                      {Kept::F16, {7}},
                                                      {Kept::BF16, {6}},
                                                      {Kept::AllBF16, {6, 34}},
                                                      {Kept::Int8, {6}}};
  const auto ofStorage = sizes.find(GetParam());
  if (ofStorage == sizes.end())
    GTEST_SKIP() << "none did";
  for (int64_t dim : ofStorage->second)
    for (size_t form : {0, 1, 2})
      expectEqual(dim, "host", form);
}

// Twenty minutes: --gtest_also_run_disabled_tests.
TEST_P(Paged, DISABLED_EqualsContiguousForManyHeadSizes) {
  for (int64_t dim : {1, 4, 6, 7, 8, 16, 24, 40, 48, 67, 80, 96, 112, 128, 160, 192, 256})
    for (const char *target : {"x86-64-avx512", "x86-64-avx2", "x86-64-sse41"})
      for (size_t form : {0, 1, 2})
        expectEqual(dim, target, form);
}

INSTANTIATE_TEST_SUITE_P(Storages, Paged,
                         testing::Values(Kept::F32, Kept::F16, Kept::BF16, Kept::AllBF16,
                                         Kept::Coarse, Kept::Int8),
                         [](const auto &info) { return keptNames[int(info.param)]; });

/// Of bfloat16, whose keys are one tensor, or a past and what is new.
std::string describeJoined(bool isJoined) {
  const std::string rows = "tensor<2x?x2x32xbf16>", read = "tensor<2x?x2x32xf32>",
                    q = "tensor<2x?x4x32xbf16>", scores = "tensor<2x4x?x?xf32>";
  const std::string join = "%y = attn.rowwise captures(%p, %n : " + rows + ", " + rows +
                           ") positions(%p[1] + %n[1]) {\n^bb0(%batch: index, %position: index, "
                           "%head: index, %column: index, %past: " +
                           rows + ", %new: " + rows + "):\n%end = attn.extent %past[1] : " + rows +
                           R"(
    %isPast = arith.cmpi slt, %position, %end : index
    %in = arith.subi %position, %end : index
    %same = arith.constant 0 : index
    %at = arith.addi %position, %same : index
    %a = attn.load %past[%batch, %at, %head, %column] : )" +
                           rows + "\n%b = attn.load %new[%batch, %in, %head, %column] : " + rows +
                           R"(
    %c = arith.select %isPast, %a, %b : f32
    attn.yield %c : f32
  } : )" + read + "\n";
  const std::string key = isJoined ? "%y" : "%k", type = isJoined ? read : rows,
                    keys = isJoined ? "%p: " + rows + ", %n: " + rows : "%k: " + rows;
  return "attn.kernel @k(%q: " + q + ", " + keys + ", %v: " + rows + ") -> " + q + " {\n" +
         (isJoined ? join : "") + "%s = attn.score scaled_dot %q, " + key + " : (" + q + ", " +
         type + ") -> " + scores + "\n%w = attn.normalize softmax %s : " + scores +
         "\n%o = attn.weighted_sum %w, %v : (" + scores + ", " + rows + ") -> " + q +
         "\nattn.return %o : " + q + "\n}\n";
}

TEST(Joined, KeysOfBfloat16EqualThoseOfOneTensor) {
  constexpr int64_t past = 13, all = 20;
  Array q = wholeNumbers({2, 7, 4, 32}, 1, 100), k = wholeNumbers({2, all, 2, 32}, 2, 100),
        v = wholeNumbers(k.shape, 3, 100), before({2, past, 2, 32}), after({2, all - past, 2, 32});
  for (double &value : q.values)
    value /= 640;
  for (double &value : k.values)
    value /= 64;
  spread(q), spread(k);
  const int64_t row = 2 * 32;
  for (int64_t b = 0; b < 2; b++) {
    auto from = k.values.begin() + b * all * row;
    std::copy_n(from, past * row, before.values.begin() + b * past * row);
    std::copy_n(from + past * row, (all - past) * row,
                after.values.begin() + b * (all - past) * row);
  }
  for (size_t form : {0, 1, 2}) {
    SCOPED_TRACE(fmt::format("form {}", form));
    Compiled one(describeJoined(false), defaultPlan("host", form)),
        joined(describeJoined(true), defaultPlan("host", form));
    std::vector<double> expected = one.run({q, k, v})[0].values;
    EXPECT_EQ(difference(joined.run({q, before, after, v})[0].values, expected), "");
  }
}

// The third capture says how many positions there are, and nothing else.
TEST(PagedRows, WhatElseIsCapturedSaysNothingOfTheirType) {
  const std::string text = R"(
attn.kernel @k(%q: tensor<1x?x2x32xf32>, %t: tensor<1x?xi32>, %k: tensor<?x4x2x32xf16>, %x: tensor<1x?x2x32xbf16>, %v: tensor<1x?x2x32xf32>) -> tensor<1x?x2x32xf32> {
  %y = attn.rowwise captures(%t, %k, %x : tensor<1x?xi32>, tensor<?x4x2x32xf16>, tensor<1x?x2x32xbf16>) positions(%x[1]) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %table: tensor<1x?xi32>, %r: tensor<?x4x2x32xf16>, %other: tensor<1x?x2x32xbf16>):
    %size = arith.constant 4 : index
    %n = arith.divui %position, %size : index
    %in = arith.remui %position, %size : index
    %i = attn.load %table[%batch, %n] : tensor<1x?xi32>
    %page = arith.index_cast %i : i32 to index
    %z = attn.load %r[%page, %in, %head, %column] : tensor<?x4x2x32xf16>
    attn.yield %z : f32
  } : tensor<1x?x2x32xf32>
  %s = attn.score scaled_dot %q, %y : (tensor<1x?x2x32xf32>, tensor<1x?x2x32xf32>) -> tensor<1x2x?x?xf32>
  %w = attn.normalize softmax %s : tensor<1x2x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<1x2x?x?xf32>, tensor<1x?x2x32xf32>) -> tensor<1x?x2x32xf32>
  attn.return %o : tensor<1x?x2x32xf32>
})";
  std::vector<Array> inputs = {wholeNumbers({1, 3, 2, 32}, 1), Array({1, 2}, {1, 0}),
                               wholeNumbers({2, 4, 2, 32}, 2), wholeNumbers({1, 7, 2, 32}, 3),
                               wholeNumbers({1, 7, 2, 32}, 4)};
  for (size_t form : {0, 1, 2}) {
    SCOPED_TRACE(fmt::format("form {}", form));
    Compiled kernel(text, defaultPlan("host", form));
    expectNear(kernel.run(inputs)[0], kernel.expected(inputs)[0]);
  }
}

// Of vectors of two columns LLVM makes longer ones, in which a sum stands where another has its
// product.
TEST(PagedPlans, EqualContiguousWhereVectorsAreShort) {
  const Plan plan{llvm::cantFail(findTarget("host")).name, SplitPlan{.partKeys = 2048,
                                                                     .keyTile = 128,
                                                                     .keyHeads = 16,
                                                                     .rowTile = 4,
                                                                     .keyUnroll = 8,
                                                                     .columnVectors = 6,
                                                                     .reduceUnroll = 8,
                                                                     .keysAhead = 256}};
  if (llvm::Error illegal = checkPlan(plan))
    GTEST_SKIP() << llvm::toString(std::move(illegal));
  expectEqual(Kept::F16, 70, [&](attn::KernelOp) { return plan; });
}

TEST(PagedPlans, EqualContiguousUnderAnyPlan) {
  int seed = environment("HEED_TEST_SEED", 1), cases = environment("HEED_TEST_CASES", 4);
  std::mt19937 dice{unsigned(seed)};
  Random random{unsigned(seed)};
  for (int i = 0; i < cases; ++i) {
    Kept kept =
        random.oneOf({Kept::F32, Kept::F16, Kept::BF16, Kept::AllBF16, Kept::Coarse, Kept::Int8});
    const char *target = random.oneOf({"x86-64-avx512", "x86-64-avx2", "x86-64-sse41"});
    if (!runsHere(llvm::cantFail(findTarget(target))))
      target = "x86-64-sse41";
    int64_t dim = random.coin() ? 8 * random.between(1, 12) : random.between(1, 100);
    Plan start{target, OnlinePlan{}};
    if (int form = random.between(0, 2); form == 1)
      start.form = SplitPlan{};
    else if (form == 2)
      start.form = RowPlan{};
    Plan plan = Space(start).random(dice);
    SCOPED_TRACE(fmt::format("HEED_TEST_SEED={}, case {}: {}, head size {}, {}", seed, i,
                             keptNames[int(kept)], dim, toJson(plan).dump()));
    expectEqual(kept, dim, [&](attn::KernelOp) { return plan; });
  }
}
