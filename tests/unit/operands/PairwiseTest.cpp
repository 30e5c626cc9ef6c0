// Pairwise scores: as their body says, before and after what sees one side has been hoisted.
#include "tests/unit/operands/Run.h"

using namespace Halide;

namespace heed::test {
namespace {

constexpr int batch = 2, queries = 33, keys = 70, valueDim = 8;

struct Kernel {
  int dim;
  std::string body; ///< ends in the value of %z from %x, %y and %c, all of type `element`
  std::string element = "f32", normalizer = "softmax";
  int valueDim = 8;
  bool hasWeightsOfHeads = false; ///< of each of two batch entries; else %c = %weights[%column]
};

/// 4 heads to 2.
std::string textOf(const Kernel &k) {
  auto tensor = [&](const std::string &shape) { return "tensor<" + shape + "x" + k.element + ">"; };
  std::string D = std::to_string(k.dim), E = std::to_string(k.valueDim),
              B = k.hasWeightsOfHeads ? "2" : "?", Q = tensor(B + "x?x4x" + D),
              K = tensor(B + "x?x2x" + D), V = tensor(B + "x?x2x" + E), O = tensor(B + "x?x4x" + E),
              S = tensor(B + "x4x?x?"), W = tensor(k.hasWeightsOfHeads ? "2x4x" + D : D),
              place = k.hasWeightsOfHeads ? "%batch, %head, %column" : "%column";
  return "attn.kernel @pairs(%q: " + Q + ", %k: " + K + ", %v: " + V + ", %w: " + W + ") -> " + O +
         " {\n%s = attn.score pairwise %q, %k captures(%w : " + W + ") {\n^bb0(%x: " + k.element +
         ", %y: " + k.element + ", %batch: index, %head: index, %column: index, %weights: " + W +
         "):\n%c = attn.load %weights[" + place + "] : " + W + "\n" + k.body +
         "\nattn.yield %z : " + k.element + "\n} : (" + Q + ", " + K + ") -> " + S +
         "\n%n = attn.normalize " + k.normalizer + " %s : " + S +
         "\n%o = attn.weighted_sum %n, %v : (" + S + ", " + V + ") -> " + O +
         "\nattn.return %o : " + O + "\n}";
}

std::string pairwise(int dim, const std::string &body) { return textOf({dim, body}); }

const std::string additive = R"(%sum = arith.addf %x, %y : f32
  %t = math.tanh %sum : f32
  %z = arith.mulf %c, %t : f32)";

class Pairwise : public OnTarget {
protected:
  using Term = std::function<double(double x, double y, double w)>;

  void check(int dim, const std::string &body, Term term, double bound) {
    auto q = random<float>({batch, queries, 4, dim}, 1),
         k = random<float>({batch, keys, 2, dim}, 2),
         v = random<float>({batch, keys, 2, valueDim}, 3), w = random<float>({dim}, 4);
    for (bool hoist : {false, true}) {
      SCOPED_TRACE(hoist ? "hoisted" : "as written");
      Compiled kernel(pairwise(dim, body), target, hoist);
      auto out = zeros<float>({batch, queries, 4, valueDim});
      kernel(q, k, v, w, out);
      double error = worstError(
          out, keys,
          [&](int b, int h, int i, int j) {
            double s = 0;
            for (int d = 0; d < dim; d++)
              s += term(q(d, h, i, b), k(d, h / 2, j, b), w(d));
            return s;
          },
          [&](int b, int h, int j, int d) { return double(v(d, h / 2, j, b)); });
      EXPECT_LT(error, bound);
    }
  }

  static std::string opsOf(const std::string &text) {
    Parsed parsed(text);
    parsed.context.loadDialect<mlir::arith::ArithDialect, mlir::math::MathDialect>();
    mlir::PassManager passes(&parsed.context);
    buildPipeline(passes);
    EXPECT_TRUE(parsed && succeeded(passes.run(*parsed.module))) << parsed.errors;
    std::string ops;
    for (mlir::Operation &op : parsed.kernel().getBody().getOps())
      ops += op.getName().stripDialect().str() + " ";
    return ops;
  }
};

class PairwiseHere : public Pairwise {};

TEST_P(PairwiseHere, AnyFunctionIsSummed) {
  check(
      7, "%d = arith.subf %x, %y : f32\n%e = math.absf %d : f32\n%z = arith.mulf %c, %e : f32",
      [](double x, double y, double w) { return w * std::abs(x - y); }, 2e-5);
}

TEST_P(PairwiseHere, ProductsOfOneSidedFunctionsAreADotProduct) {
  const std::string body = "%e = math.tanh %x : f32\n%f = arith.mulf %c, %e : f32\n"
                           "%z = arith.mulf %f, %y : f32";
  EXPECT_EQ(opsOf(pairwise(6, body)), "rowwise score normalize weighted_sum return ");
  check(6, body, [](double x, double y, double w) { return w * std::tanh(x) * y; }, 2e-5);
}

TEST_P(PairwiseHere, SquaredDistanceIsADotProductOfLongerRows) {
  const std::string body = "%d = arith.subf %x, %y : f32\n%e = arith.mulf %d, %d : f32\n"
                           "%z = arith.negf %e : f32";
  EXPECT_EQ(opsOf(pairwise(20, body)), "rowwise rowwise score normalize weighted_sum return ");
  check(20, body, [](double x, double y, double) { return -(x - y) * (x - y); }, 1e-4);
}

TEST_P(PairwiseHere, ScoresOfOneSideAndOfNeither) {
  check(
      5, "%e = math.exp %y : f32\n%f = arith.mulf %c, %e : f32\n%z = arith.addf %f, %x : f32",
      [](double x, double y, double w) { return w * std::exp(y) + x; }, 1e-4);
}

TEST_P(PairwiseHere, OneSidedPartsOfOtherBodiesMoveOut) {
  const std::string body = "%a = arith.mulf %x, %c : f32\n%b = math.exp %y : f32\n"
                           "%d = arith.subf %a, %b : f32\n%z = math.absf %d : f32";
  EXPECT_EQ(opsOf(pairwise(8, body)), "rowwise rowwise score normalize weighted_sum return ");
  check(8, body, [](double x, double y, double w) { return std::abs(x * w - std::exp(y)); }, 1e-4);
}

TEST_P(PairwiseHere, TanhOfASum) {
  auto formula = [](double x, double y, double w) { return w * std::tanh(x + y); };
  EXPECT_EQ(opsOf(pairwise(64, additive)), "rowwise rowwise score normalize weighted_sum return ");
  check(64, additive, formula, 1e-5);
  check(6, additive, formula, 1e-5);
}

// With normalizer none and the unit matrix as values, the output is the score. Weights are of a
// batch entry and head.
class RawScores : public OnTarget {
protected:
  static constexpr int batch = 2, queries = 160, heads = 4, keys = 192; // three blocks of keys
  template <typename T> struct Call {
    Buffer<T> q, k, w, v, out;
  };

  static std::string rawText(int dim, const std::string &body, const std::string &element = "f32") {
    return textOf({dim, body, element, "none", keys, /*hasWeightsOfHeads=*/true});
  }

  template <typename T> static Call<T> callOf(int dim) {
    Call<T> call{random<T>({batch, queries, heads, dim}, 1), random<T>({batch, keys, 2, dim}, 2),
                 random<T>({batch, heads, dim}, 3), zeros<T>({batch, keys, 2, keys}),
                 zeros<T>({batch, queries, heads, keys})};
    for (int i = 0; i < keys; i++)
      for (int b = 0; b < batch; b++)
        call.v(i, 0, i, b) = call.v(i, 1, i, b) = 1;
    return call;
  }

  /// The largest error of `kernel`, as a share of its weights' sum.
  template <typename T, typename Term>
  static double worst(Compiled &kernel, Call<T> &call, Term term) {
    kernel(call.q, call.k, call.v, call.w, call.out);
    double worst = 0;
    call.out.for_each_element([&](int j, int h, int i, int b) {
      double score = 0, sum = 1e-30;
      for (int d = 0; d < call.q.dim(0).extent(); d++) {
        score += term(double(call.q(d, h, i, b)), double(call.k(d, h / 2, j, b)), call.w(d, h, b));
        sum += std::abs(double(call.w(d, h, b)));
      }
      double error = std::abs(score - call.out(j, h, i, b)) / sum;
      worst = std::max(worst, std::isnan(error) ? HUGE_VAL : error);
    });
    return worst;
  }
};

// Of the weights' sum: of one tanh, and of many.
constexpr double tanhBound = 0x1p-25 + 5e-7, rawBound = 1.6e-7;

class RawScoresOfTanhs : public RawScores {
protected:
  void SetUp() override {
    OnTarget::SetUp();
    if (!IsSkipped())
      kernel.emplace(rawText(dim, additive), target);
  }
  double worst() {
    return RawScores::worst(*kernel, call, [](double x, double y, double w) {
      return w == 0 ? 0 : w * std::tanh(x + y);
    });
  }

  static constexpr int dim = 64;
  std::optional<Compiled> kernel;
  Call<float> call = callOf<float>(dim);
};

TEST_P(RawScoresOfTanhs, FeaturesOfAllSizes) {
  for (float scale : {0.1f, 10.0f, 4.0f}) { // together 0.1, 1 and 4
    for (Buffer<float> *rows : {&call.q, &call.k})
      rows->for_each_value([&](float &value) { value *= scale; });
    EXPECT_LT(worst(), rawBound) << scale;
  }
}

// Products of denominators stay in bounds in some blocks and not in others: those of one block of
// keys, and of one query's tile, by far; those of a tile and a block of equal features (2^24 each)
// by as much as makes numerators of eight overflow, and the product of four not.
TEST_P(RawScoresOfTanhs, SomeBlocksOfLargeFeatures) {
  call.w.fill(1);
  for (int d = 0; d < dim; d++) {
    call.q(d, 2, 20, 0) *= 20;
    for (int j = 64; j < 128; j++)
      call.k(d, 0, j, 0) *= 20, call.k(d, 1, j, 0) = 6.5f, call.q(d, 3, j, 0) = 6.5f;
  }
  EXPECT_LT(worst(), rawBound);
}

TEST_P(RawScoresOfTanhs, WeightsOfAllSizes) {
  const float sizes[] = {1, 0, 1e-2f, -0.0f, 1e-6f, 1e-9f, 1e-30f, 1e-42f};
  for (int d = 0; d < dim; d++)
    call.w(d, 0, 0) *= sizes[(d * 5 + d / 8) % 8], call.w(d, 1, 0) = d == 3;
  EXPECT_LT(worst(), tanhBound);
  for (float size : {0.0f, 1e-25f, 1e25f}) {
    call.w = random<float>({batch, heads, dim}, 3, size);
    EXPECT_LT(worst(), rawBound) << size;
  }
}

TEST_P(RawScoresOfTanhs, WhatIsNotFiniteStaysInItsPlace) {
  call.q(9, 3, 150, 0) = -std::nanf(""), call.k(5, 0, 3, 1) = INFINITY;
  call.q(9, 0, 20, 1) = -INFINITY;
  EXPECT_EQ(worst(), HUGE_VAL);
  for (int j = 0; j < keys; j++)
    EXPECT_TRUE(std::isnan(call.out(j, 3, 150, 0))) << j;
  call.q(9, 3, 150, 0) = 0;
  EXPECT_LT(worst(), rawBound);
  call.k(5, 1, 70, 0) = std::nanf(""); // whose value is 0 in other columns, and NaN times 0 is NaN
  worst();
  call.out.for_each_element([&](int j, int h, int i, int b) {
    EXPECT_EQ(std::isnan(call.out(j, h, i, b)), h >= 2 && b == 0);
  });
  for (float weight : {INFINITY, std::nanf("")}) {
    call.w(7, 0, 1) = weight;
    worst();
    call.out.for_each_element([&](int j, int h, int i, int b) {
      EXPECT_EQ(std::isfinite(call.out(j, h, i, b)), b == 1 ? h > 0 : h < 2);
    });
  }
}

// The least exponentials there are, in blocks of equal features, whose products stay in bounds; in
// steps of eight, four and two columns.
TEST_P(RawScores, TanhsOfExtremesThatCancel) {
  for (int dim : {64, 12, 6}) {
    Compiled kernel(rawText(dim, additive), target);
    Call<float> call = callOf<float>(dim);
    call.w.fill(1);
    call.q.for_each_element(
        [&](int d, int h, int i, int b) { call.q(d, h, i, b) = h % 2 ? 39.0f : -39.0f; });
    call.k.for_each_element([&](int d, int h, int j, int b) {
      call.k(d, h, j, b) = j < 64 ? 39.0f : j < 128 ? -39.0f : 38.5f;
    });
    auto term = [](double x, double y, double w) { return w * std::tanh(x + y); };
    EXPECT_LT(worst(kernel, call, term), tanhBound) << dim;
  }
}

std::string quotient(const std::string &element, const std::string &addend, const std::string &high,
                     const std::string &factor, bool withBase) {
  auto constant = [&](const std::string &name, const std::string &value) {
    return "%" + name + " = arith.constant " + value + " : " + element + "\n";
  };
  std::string of = " : " + element + "\n";
  return "%a = math.exp %x" + of + "%b = math.exp %y" + of + "%p = arith.mulf %a, %b" + of +
         constant("low", addend) + constant("high", high) + constant("factor", factor) +
         "%sum = arith.addf %p, %low" + of + "%d = math.clampf %sum to [%low, %high]" + of +
         "%r = arith.divf %c, %d" + of + "%z" + (withBase ? "0" : "") +
         " = arith.mulf %r, %factor" + of + (withBase ? "%z = arith.addf %c, %z0" + of : "");
}

// Bounds that others wrote, and sums in which a clamped quotient is much.
TEST_P(RawScores, QuotientsAreClampedAsWritten) {
  for (bool withBase : {false, true}) {
    Compiled kernel(rawText(8, quotient("f32", "1.0", "4.0", "2.0", withBase)), target);
    Call<float> call = callOf<float>(8);
    auto term = [&](double x, double y, double w) {
      return 2 * w / std::min(std::exp(x + y) + 1, 4.0) + withBase * w;
    };
    EXPECT_LT(worst(kernel, call, term), 1e-6) << withBase;
  }
  Compiled kernel(rawText(8, quotient("f32", "0.00048828125", "32768.0", "0.0009765625", false)),
                  target);
  Call<float> call = callOf<float>(8);
  call.w.for_each_element([&](int d, int h, int b) { call.w(d, h, b) = d ? 0 : 1; });
  call.w(1, 0, 0) = 0x1p-25f;
  for (int d = 0; d < 8; d++)
    for (int i = 0; i < queries; i++)
      call.q(d, 0, i, 0) = d == 1 ? -9 : 5;
  for (int d = 0; d < 8; d++)
    for (int j = 0; j < keys; j++)
      call.k(d, 0, j, 0) = d == 1 ? -9 : 5;
  auto term = [](double x, double y, double w) {
    return 0x1p-10 * w / std::min(std::exp(x + y) + 0x1p-11, 32768.0);
  };
  worst(kernel, call, term);
  double expected = term(5, 5, 1) + term(-9, -9, 0x1p-25);
  EXPECT_NEAR(call.out(100, 0, 70, 0), expected, 1e-6 * expected);
}

TEST_P(RawScores, QuotientsOfDoubles) {
  Compiled kernel(rawText(8, quotient("f64", "1.0", "4194304.0", "-2.0", true), "f64"), target);
  Call<double> call = callOf<double>(8);
  auto term = [](double x, double y, double w) {
    return w - 2 * w / std::min(std::exp(x + y) + 1, 4194304.0);
  };
  EXPECT_LT(worst(kernel, call, term), 1e-14);
}

// As many columns as share a division, and unit weights: with normalizer none and value 1, the
// output is the score.
TEST_P(Pairwise, TanhOverTheWholeRange) {
  const std::string kernelText =
      R"(attn.kernel @tanh(%q: tensor<?x?x1x8xf32>, %k: tensor<?x?x1x8xf32>, %v: tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32> {
  %s = attn.score pairwise %q, %k {
  ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index):
    %sum = arith.addf %x, %y : f32
    %t = math.tanh %sum : f32
    attn.yield %t : f32
  } : (tensor<?x?x1x8xf32>, tensor<?x?x1x8xf32>) -> tensor<?x1x?x?xf32>
  %w = attn.normalize none %s : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32>
  attn.return %o : tensor<?x?x1x1xf32>
})";
  Compiled kernel(kernelText, target);
  std::vector<float> values;
  for (float m :
       {0.f,   1e-30f, 1e-8f, 1e-3f, 0.1f, 0.5f, 1.f,  2.f,   5.f,  9.f,   11.f,  20.f,
        29.9f, 30.f,   38.9f, 39.f,  40.f, 60.f, 88.f, 100.f, 1e4f, 1e30f, 3e38f, INFINITY})
    values.insert(values.end(), {m, -m});
  const int n = int(values.size()), columns = 8;
  auto q = zeros<float>({1, n, 1, columns}), k = zeros<float>({1, 1, 1, columns}),
       v = zeros<float>({1, 1, 1, 1}), out = zeros<float>({1, n, 1, 1});
  v(0, 0, 0, 0) = 1;
  for (int i = 0; i < n; i++)
    for (int d = 0; d < columns; d++)
      q(d, 0, i, 0) = values[size_t((i + d) % n)]; // joined with others
  for (float y : values) {
    for (int d = 0; d < columns; d++)
      k(d, 0, 0, 0) = y;
    kernel(q, k, v, out);
    for (int i = 0; i < n; i++) {
      double expected = 0;
      bool isBound = true;
      for (int d = 0; d < columns; d++) {
        double x = q(d, 0, i, 0), larger = std::max(std::abs(x), std::abs(double(y))),
               smaller = std::min(std::abs(x), std::abs(double(y)));
        isBound &= larger <= 39 || smaller <= 30 || (x > 0) == (y > 0);
        expected += std::tanh(x + y);
      }
      if (isBound)
        ASSERT_NEAR(out(0, 0, i, 0), expected, columns * tanhBound) << q(0, 0, i, 0) << " " << y;
      else
        ASSERT_LE(std::abs(out(0, 0, i, 0)), columns + 0.001) << q(0, 0, i, 0) << " " << y;
    }
  }
}

TEST_P(Pairwise, NaNStaysNaN) {
  Compiled kernel(pairwise(64, additive), target);
  auto q = random<float>({1, 16, 4, 64}, 1), k = random<float>({1, 16, 2, 64}, 2),
       v = random<float>({1, 16, 2, valueDim}, 3), w = random<float>({64}, 4),
       out = zeros<float>({1, 16, 4, valueDim});
  q(17, 1, 3, 0) = std::nanf("");
  kernel(q, k, v, w, out);
  for (int i = 0; i < 16; i++)
    for (int h = 0; h < 4; h++)
      EXPECT_EQ(std::isnan(out(0, h, i, 0)), i == 3 && h == 1) << i << " " << h;
}

INSTANTIATE_ON_TARGETS(Pairwise);
INSTANTIATE_ON_TARGETS(RawScores);
INSTANTIATE_ON_TARGETS(RawScoresOfTanhs);
INSTANTIATE_ON_HOST(PairwiseHere);

} // namespace
} // namespace heed::test
