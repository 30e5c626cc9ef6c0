// Rows without keys give 0, and -inf as their log-sum-exp: in every form, for every normalizer and
// every storage, whether a mask leaves them none, a length, or there are no keys at all.
#include "tests/forms/Run.h"

#include <cmath>

using namespace heed;
using namespace heed::test;

namespace {

struct Stored {
  const char *name;
  Storage query, cache;
  double tolerance; ///< relative to 1 + the result
};
constexpr Stored storages[] = {
    {"f32", Storage::F32, Storage::F32, 2e-5},
    {"f64", Storage::F64, Storage::F64, 1e-11},
    {"f16", Storage::F16, Storage::F16, 1e-3},
    {"bf16", Storage::BF16, Storage::BF16, 8e-3},
    {"f32 over f16", Storage::F32, Storage::F16, 2e-5},
};

struct Weighed {
  const char *name;
  bool isOnline, hasLogSumExp;
  void (*normalize)(Attention &);
};
const Weighed normalizers[] = {
    {"softmax", true, true, [](Attention &) {}},
    {"softmax_sinks", true, true,
     [](Attention &a) { a.normalize(Normalizer::softmaxSinks(a.input<Real>("sinks", {2}))); }},
    {"softmax_plus_one", true, true,
     [](Attention &a) { a.normalize(Normalizer::softmaxPlusOne()); }},
    {"sigmoid", true, false,
     [](Attention &a) { a.normalize(Normalizer::sigmoid(a.input<Real>("bias", {2}))); }},
    {"relu_squared", true, false, [](Attention &a) { a.normalize(Normalizer::reluSquared()); }},
    {"none", true, false, [](Attention &a) { a.normalize(Normalizer::none()); }},
    {"sparsemax", false, false, [](Attention &a) { a.normalize(Normalizer::sparsemax()); }},
    {"entmax15", false, false, [](Attention &a) { a.normalize(Normalizer::entmax15()); }},
    {"a mean", true, false,
     [](Attention &a) {
       a.normalize(OnlineNormalizer<1>{
           .name = "mean",
           .identity = {0.0},
           .summarize = [](Real, Row) { return State<1>{blockSum(1.0)}; },
           .weight = [](Real, State<1>, Row) { return 1.0; },
           .merge = [](State<1> s, State<1> t) { return Merged<1>{{s[0] + t[0]}, 1.0, 1.0}; },
           .finalize = [](State<1> s, Row) { return Final{1.0 / s[0]}; }});
     }},
    {"a threshold", false, false,
     [](Attention &a) {
       a.normalize(
           ThresholdNormalizer{.name = "mine",
                               .bracket = [] { return std::pair(Real(-1), Real(0)); },
                               .weight = [](Real x, Real t, Row) { return max(x - t, 0.0); }});
     }},
};

constexpr int64_t batch = 3, queries = 19, keys = 13;
const std::vector<double> keyLengths = {13, 0, 6}, queryLengths = {19, 11, 2};

/// How many keys a query sees: those at least two before it.
int64_t count(int64_t entry, int64_t query, int64_t keys) {
  if (query >= queryLengths[size_t(entry)])
    return 0;
  return std::clamp<int64_t>(query - 1, 0, std::min<int64_t>(keys, keyLengths[size_t(entry)]));
}

std::string describe(const Stored &stored, const Weighed &weighed) {
  Attention a("k", {.heads = 2,
                    .keyHeads = 1,
                    .headDim = 3,
                    .valueDim = 2,
                    .query = stored.query,
                    .cache = stored.cache});
  a.keyLengths(), a.queryLengths();
  a.mask([](Position p) { return p.key + 2 <= p.query; });
  weighed.normalize(a);
  if (weighed.hasLogSumExp)
    a.returnLogSumExp();
  return a.text();
}

void check(Compiled &kernel, const Stored &stored, const Weighed &weighed, int64_t keys) {
  Array lengths({batch}, keyLengths);
  for (double &length : lengths.values)
    length = std::min(length, double(keys));
  std::vector<Array> inputs = {
      wholeNumbers({batch, queries, 2, 3}, 1), wholeNumbers({batch, keys, 1, 3}, 2),
      wholeNumbers({batch, keys, 1, 2}, 3), lengths, Array({batch}, queryLengths)};
  if (weighed.name == std::string("softmax_sinks") || weighed.name == std::string("sigmoid"))
    inputs.push_back(Array({2}, {0.5, -1}));
  std::vector<Array> actual = kernel.run(inputs), expected = kernel.expected(inputs);
  for (int64_t b = 0; b < batch; b++)
    for (int64_t i = 0; i < queries; i++)
      for (int64_t h = 0; h < 2; h++) {
        bool isEmpty = count(b, i, keys) == 0;
        auto what = [&] {
          return "entry " + std::to_string(b) + ", query " + std::to_string(i) + " of " +
                 std::to_string(keys) + " keys";
        };
        for (int64_t d = 0; d < 2; d++) {
          double value = actual[0]({b, i, h, d}), wanted = expected[0]({b, i, h, d});
          if (isEmpty)
            ASSERT_EQ(value, 0) << what();
          else
            ASSERT_NEAR(value, wanted, stored.tolerance * (1 + std::abs(wanted))) << what();
        }
        if (!weighed.hasLogSumExp)
          continue;
        double value = actual[1]({b, h, i}), wanted = expected[1]({b, h, i});
        if (isEmpty)
          ASSERT_EQ(value, -INFINITY) << what();
        else
          ASSERT_NEAR(value, wanted, 2e-5 * (1 + std::abs(wanted))) << what();
      }
}

} // namespace

/// In every form that the normalizer has.
static void checkEverywhere(const Stored &stored, const Weighed &weighed) {
  for (const Plan &plan : smallPlans()) {
    if (!weighed.isOnline && !std::holds_alternative<RowPlan>(plan.form))
      continue;
    SCOPED_TRACE(std::string(formName(plan)) + ", " + stored.name + ", " + weighed.name);
    Compiled kernel(describe(stored, weighed), plan);
    check(kernel, stored, weighed, keys);
    check(kernel, stored, weighed, 0);
  }
}

TEST(EmptyRows, AreZeroForEveryNormalizer) {
  for (const Weighed &weighed : normalizers)
    checkEverywhere(storages[0], weighed);
}

TEST(EmptyRows, AreZeroInEveryStorage) {
  for (const Stored &stored : storages)
    checkEverywhere(stored, normalizers[0]);
}

// Two minutes: --gtest_also_run_disabled_tests.
TEST(EmptyRows, DISABLED_AreZeroForEveryNormalizerInEveryStorage) {
  for (const Stored &stored : storages)
    for (const Weighed &weighed : normalizers)
      checkEverywhere(stored, weighed);
}
