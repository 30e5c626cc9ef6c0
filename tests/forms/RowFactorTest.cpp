// A number of each key's and value's row, beside what is stored, in every form: the split form
// takes it out of sums where rows are int8, the others multiply elements by it.
#include "tests/forms/Run.h"
#include "tests/unit/linear/Random.h"

#include <cmath>
#include <fmt/format.h>

using namespace heed;
using namespace heed::test;

namespace {

struct Rows {
  const char *name, *stored, *factor; ///< element types
  const char *place;                  ///< of the factor
  const char *made;                   ///< %b from %f, the element, and %u, the factor
};

std::string dequantized(const Rows &rows, const char *result, const char *source,
                        const char *factors) {
  const bool isInteger = std::string(rows.stored) == "i8";
  const std::string load = fmt::format(
      "attn.load %t[%batch, %position, %head, %column] : tensor<2x?x2x32x{}>", rows.stored);
  return fmt::format(
      R"(  {0} = attn.rowwise captures({1}, {2} : tensor<2x?x2x32x{3}>, tensor<2x?x2x{4}>) {{
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<2x?x2x32x{3}>, %s: tensor<2x?x2x{4}>):
    %zero = arith.constant 0 : index
    {5}
    %u = attn.load %s[{6}] : tensor<2x?x2x{4}>
    {7}
    attn.yield %b : f32
  }} : tensor<2x?x2x32xf32>
)",
      result, source, factors, rows.stored, rows.factor,
      isInteger ? "%e = " + load + "\n    %f = arith.sitofp %e : i32 to f32" : "%f = " + load,
      rows.place, rows.made);
}

std::string kernel(const Rows &rows, const char *score) {
  const std::string stored = std::string("tensor<2x?x2x32x") + rows.stored + ">",
                    factor = std::string("tensor<2x?x2x") + rows.factor + ">";
  return fmt::format(
      R"(attn.kernel @k(%q: tensor<2x?x4x32xf32>, %k: {0}, %ks: {1}, %v: {0}, %vs: {1}, %lengths: tensor<2xi32> {{attn.key_lengths}}) -> tensor<2x?x4x32xf32> {{
{2}{3}  %p = attn.score {4}(tensor<2x?x4x32xf32>, tensor<2x?x2x32xf32>) -> tensor<2x4x?x?xf32>
  %w = attn.normalize softmax %p : tensor<2x4x?x?xf32>
  %o = attn.weighted_sum %w, %z : (tensor<2x4x?x?xf32>, tensor<2x?x2x32xf32>) -> tensor<2x?x4x32xf32>
  attn.return %o : tensor<2x?x4x32xf32>
}}
)",
      stored, factor, dequantized(rows, "%y", "%k", "%ks"), dequantized(rows, "%z", "%v", "%vs"),
      score);
}

constexpr char itsOwn[] = "%batch, %position, %head";
constexpr char times[] = "%b = arith.mulf %f, %u : f32";
const Rows all[] = {
    {"int8", "i8", "f32", itsOwn, times},
    {"int8_bf16", "i8", "bf16", itsOwn, times},
    {"int8_of_the_first_batch_entry", "i8", "f32", "%zero, %position, %head", times},
    {"int8_of_the_first_head", "i8", "f16", "%batch, %position, %zero", times},
    {"int8_squared", "i8", "f32", itsOwn,
     "%u2 = arith.mulf %u, %u : f32\n    %b = arith.mulf %u2, %f : f32"},
    {"int8_times_itself", "i8", "f32", itsOwn, "%b = arith.mulf %f, %f : f32"},
    {"f16_bf16", "f16", "bf16", itsOwn, times},
    {"bf16_bf16", "bf16", "bf16", itsOwn, times},
};

} // namespace

class RowFactor : public testing::TestWithParam<Rows> {
protected:
  static void expectAgreement(const char *score) {
    constexpr int64_t queries = 3, keys = 150;
    const Rows &rows = GetParam();
    const bool isInteger = std::string(rows.stored) == "i8";
    Array q = wholeNumbers({2, queries, 4, 32}, 1, 100), k = wholeNumbers({2, keys, 2, 32}, 2, 100),
          v = wholeNumbers(k.shape, 3, 100), s = wholeNumbers({2, keys, 2}, 4, 100);
    for (double &value : q.values)
      value /= 128;
    for (Array *stored : {&k, &v})
      for (double &value : stored->values)
        value /= isInteger ? 1 : 64;
    for (double &value : s.values)
      value /= isInteger ? 1024 : 16;
    for (int64_t i = 0; i < 2 * 20; i++) // of keys past the length of the second entry
      s.values[s.values.size() - 1 - size_t(i)] = std::nan("");
    const Array lengths({2}, {150, 130});
    const std::string text = kernel(rows, score);
    std::vector<std::vector<double>> found;
    for (size_t form : {0, 1, 2})
      found.push_back(
          Compiled(text,
                   [=](attn::KernelOp op) {
                     return startingPlans(op, llvm::cantFail(findTarget("host")))->at(form);
                   })
              .run({q, k, s, v, s, lengths})[0]
              .values);
    double largest = 0;
    for (double value : found[0])
      largest = std::max(largest, std::abs(value));
    EXPECT_GT(largest, 0);
    for (size_t form : {1, 2})
      for (size_t i = 0; i < found[0].size(); i++)
        ASSERT_NEAR(found[form][i], found[0][i], 1e-5 * largest) << "form " << form << ", " << i;
  }
};

TEST_P(RowFactor, FormsAgree) { expectAgreement("scaled_dot %q, %y : "); }

TEST_P(RowFactor, FormsAgreeOnScoresThatAreNoDotProduct) {
  expectAgreement(R"(pairwise %q, %y {
  ^bb0(%a: f32, %c: f32, %batch: index, %head: index, %column: index):
    %d = arith.subf %a, %c : f32
    %e = math.absf %d : f32
    %n = arith.negf %e : f32
    attn.yield %n : f32
  } : )");
}

INSTANTIATE_TEST_SUITE_P(Types, RowFactor, testing::ValuesIn(all),
                         [](const auto &info) { return info.param.name; });
