// Weights that may be rounded to bfloat16 where they multiply values: in pairs where the CPU has an
// operation for it, in every form, at lengths around pairs, tiles and parts.
#include "tests/forms/Run.h"

#include <cmath>
#include <fmt/format.h>

using namespace heed;
using namespace heed::test;

namespace {

constexpr int64_t heads = 4, keyHeads = 2, dim = 64;

/// Half a unit in the last place of bfloat16, relatively.
constexpr double rounding = 0x1p-8;

using Describe = std::function<void(Attention &)>;

std::string describe(const Describe &more, bool isCoarse, Storage query = Storage::BF16) {
  Attention a("k", {.heads = heads,
                    .keyHeads = keyHeads,
                    .headDim = dim,
                    .query = query,
                    .cache = Storage::BF16});
  if (isCoarse)
    a.weightsAs(Storage::BF16);
  more(a);
  return a.text();
}

/// The starting plan of the online, the split or the row form.
std::function<Plan(attn::KernelOp)> planOf(size_t form) {
  return [=](attn::KernelOp kernel) {
    return startingPlans(kernel, llvm::cantFail(findTarget("host")))->at(form);
  };
}

struct Rows {
  Array q, k, v;
};

Rows rowsOf(int64_t queries, int64_t keys) {
  Rows rows{wholeNumbers({1, queries, heads, dim}, 1, 100),
            wholeNumbers({1, keys, keyHeads, dim}, 2, 100),
            wholeNumbers({1, keys, keyHeads, dim}, 3, 100)};
  for (double &value : rows.q.values)
    value /= 512;
  for (double &value : rows.k.values)
    value /= 64;
  return rows;
}

double largestOf(const Array &array) {
  double largest = 0;
  for (double value : array.values)
    largest = std::max(largest, std::abs(value));
  return largest;
}

/// Each output within what rounded weights explain, where values are at most `most`.
void expectWithin(const Array &found, const Array &wanted, double most) {
  for (size_t i = 0; i < found.values.size(); i++)
    ASSERT_NEAR(found.values[i], wanted.values[i], 2.2 * rounding * most) << "element " << i;
}

struct Variant {
  const char *name;
  Describe describe;
};

const Variant variants[] = {
    {"dense", [](Attention &) {}},
    {"causal", [](Attention &a) { a.mask([](Position p) { return p.key <= p.place(); }); }},
    {"window",
     [](Attention &a) {
       a.mask([](Position p) { return p.key <= p.place() && p.key > p.place() - 9; });
     }},
    {"every_third_key", [](Attention &a) { a.mask([](Position p) { return p.key % 3 == 1; }); }},
    {"softcap", [](Attention &a) { a.modify([](Real x, Position) { return 2.0 * tanh(x / 2); }); }},
    {"sinks",
     [](Attention &a) { a.normalize(Normalizer::softmaxSinks(a.input<Real>("sinks", {heads}))); }}};

class CoarseWeights : public testing::TestWithParam<Variant> {};

} // namespace

TEST_P(CoarseWeights, AreWithinTheirRoundingAtAllLengths) {
  for (size_t form : {0, 1}) {
    Compiled kernel(describe(GetParam().describe, true), planOf(form));
    for (auto [queries, keys] : {std::pair<int64_t, int64_t>{1, 1},
                                 {1, 2},
                                 {3, 31},
                                 {16, 33},
                                 {65, 65},
                                 {70, 129},
                                 {2, 300}}) {
      SCOPED_TRACE(fmt::format("form {}, {} queries, {} keys", form, queries, keys));
      Rows rows = rowsOf(queries, keys);
      std::vector<Array> inputs = {rows.q, rows.k, rows.v};
      if (std::string(GetParam().name) == "sinks")
        inputs.push_back(wholeNumbers({heads}, 4));
      // The output is rounded, too.
      expectWithin(kernel.run(inputs)[0], kernel.expected(inputs)[0], 2 * largestOf(rows.v));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, CoarseWeights, testing::ValuesIn(variants),
                         [](const auto &info) { return info.param.name; });

// What divides them is the sum of what multiplies: where all values are alike, so is the result.
TEST(CoarseWeightsOf, AllKeysSumToOne) {
  for (Storage query : {Storage::F32, Storage::BF16})
    for (size_t form : {0, 1, 2}) {
      Compiled kernel(describe([](Attention &) {}, true, query), planOf(form));
      Rows rows = rowsOf(18, 77);
      rows.v.values.assign(rows.v.values.size(), 3);
      Array found = kernel.run({rows.q, rows.k, rows.v})[0];
      for (double value : found.values)
        ASSERT_NEAR(value, 3, query == Storage::F32 ? 3e-6 : 3 * rounding)
            << (query == Storage::F32 ? "f32" : "bf16") << " queries, form " << form;
    }
}

// Where the CPU multiplies pairs they are rounded, or nothing would have been gained; elsewhere,
// and where nobody allowed it, they are not.
TEST(CoarseWeightsOf, PairsAreRoundedOnlyWhereThatIsAllowed) {
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  bool hasPairs = false;
  for (const TargetInfo &extension : extensionsOf(host))
    hasPairs |= runsHere(extension);
  Rows rows = rowsOf(18, 77);
  for (bool isCoarse : {false, true})
    for (size_t form : {0, 1}) { // the row form multiplies one by one
      Compiled kernel(describe([](Attention &) {}, isCoarse, Storage::F32), planOf(form));
      std::vector<Array> inputs = {rows.q, rows.k, rows.v};
      Array found = kernel.run(inputs)[0], wanted = kernel.expected(inputs)[0];
      double largest = 0;
      for (size_t i = 0; i < found.values.size(); i++)
        largest = std::max(largest, std::abs(found.values[i] - wanted.values[i]));
      if (isCoarse && hasPairs)
        EXPECT_GT(largest, 1e-4 * largestOf(rows.v)) << form;
      else
        EXPECT_LT(largest, 1e-5 * largestOf(rows.v)) << form;
    }
}

// Unrolled by an odd number weights are no pairs.
TEST(CoarseWeightsOf, AnyPlanWillDo) {
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  auto with = [&](int keyUnroll, int reduceUnroll, int keyTile) {
    return std::vector<Plan>{{host.name, OnlinePlan{.queryTile = 2 * host.lanes,
                                                    .keyTile = keyTile,
                                                    .edgeKeyTile = keyTile,
                                                    .queryVectors = 2,
                                                    .keyUnroll = keyUnroll,
                                                    .depthUnroll = 3,
                                                    .reduceUnroll = reduceUnroll}},
                             {host.name, SplitPlan{.partKeys = 2 * keyTile,
                                                   .keyTile = keyTile,
                                                   .keyHeads = 1,
                                                   .rowTile = 2,
                                                   .keyUnroll = keyUnroll,
                                                   .columnVectors = 2,
                                                   .reduceUnroll = reduceUnroll}}};
  };
  for (auto [keyUnroll, reduceUnroll, keyTile] :
       {std::tuple{3, 2, 12}, {2, 3, 12}, {4, 1, 8}, {2, 2, 6}})
    for (const Plan &plan : with(keyUnroll, reduceUnroll, keyTile)) {
      SCOPED_TRACE(fmt::format("{}, keys by {}, reduced by {}, tile of {}", formName(plan),
                               keyUnroll, reduceUnroll, keyTile));
      Compiled kernel(describe(variants[1].describe, true), plan);
      Rows rows = rowsOf(37, 61);
      std::vector<Array> inputs = {rows.q, rows.k, rows.v};
      expectWithin(kernel.run(inputs)[0], kernel.expected(inputs)[0], 2 * largestOf(rows.v));
    }
}

// NaN of a score that counts reaches its row; a value under a mask none.
TEST(CoarseWeightsOf, RowsThatAreLostAreLostAlone) {
  for (size_t form : {0, 1, 2}) {
    Compiled kernel(describe(variants[1].describe, true), planOf(form));
    Rows rows = rowsOf(40, 40);
    const double nan = std::nan("");
    rows.q({0, 17, 1, 3}) = nan;
    rows.v({0, 39, 0, 5}) = std::numeric_limits<double>::infinity();
    Array found = kernel.run({rows.q, rows.k, rows.v})[0];
    for (int64_t i = 0; i < 40; i++)
      for (int64_t h = 0; h < heads; h++)
        for (int64_t column = 0; column < dim; column++) {
          bool isLost = i == 17 && h == 1, mayBe = h < heads / keyHeads && column == 5;
          if (isLost)
            ASSERT_TRUE(std::isnan(found({0, i, h, column}))) << form << ": " << i << ", " << h;
          else if (!mayBe)
            ASSERT_TRUE(std::isfinite(found({0, i, h, column}))) << form << ": " << i << ", " << h;
        }
    for (int64_t h = 0; h < heads / keyHeads; h++)
      EXPECT_FALSE(std::isfinite(found({0, 39, h, 5}))) << form;
  }
}

// Who merges by it, or computes gradients, needs it as exact as ever.
TEST(CoarseWeightsOf, TheLogSumExpIsExact) {
  for (size_t form : {0, 1}) {
    Compiled kernel(describe([](Attention &a) { a.returnLogSumExp(); }, true), planOf(form));
    Rows rows = rowsOf(18, 77);
    std::vector<Array> inputs = {rows.q, rows.k, rows.v};
    expectNear(kernel.run(inputs)[1], kernel.expected(inputs)[1]);
  }
}
