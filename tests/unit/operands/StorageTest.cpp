// Queries, keys, values and outputs that are stored in fewer bits than the kernel computes in.
#include "compiler/evaluate/Storage.h"
#include "tests/unit/operands/Run.h"

using namespace Halide;

namespace heed::test {
namespace {

using Half = Halide::float16_t;
using Brain = Halide::bfloat16_t;

std::string dense(const std::string &q, const std::string &k, const std::string &v,
                  const std::string &out, int dim, int valueDim) {
  auto tensor = [](int heads, int columns, const std::string &type) {
    return "tensor<?x?x" + std::to_string(heads) + "x" + std::to_string(columns) + "x" + type + ">";
  };
  std::string Q = tensor(4, dim, q), K = tensor(2, dim, k), V = tensor(2, valueDim, v),
              O = tensor(4, valueDim, out), number = q == "f64" ? "f64" : "f32",
              S = "tensor<?x4x?x?x" + number + ">";
  return "attn.kernel @stored(%q: " + Q + ", %k: " + K + ", %v: " + V + ") -> " + O + " {\n" +
         "%s = attn.score scaled_dot %q, %k : (" + Q + ", " + K + ") -> " + S + "\n" +
         "%w = attn.normalize softmax %s : " + S + "\n" + "%o = attn.weighted_sum %w, %v : (" + S +
         ", " + V + ") -> " + O + "\n" + "attn.return %o : " + O + "\n}";
}

class Storage : public OnTarget {
protected:
  template <typename Q, typename K, typename V, typename O>
  void check(const char *q, const char *k, const char *v, const char *o, int dim, int valueDim,
             int queries, int keys, double bound) {
    SCOPED_TRACE(std::string(q) + " " + k + " " + v + " " + o);
    Compiled kernel(dense(q, k, v, o, dim, valueDim), target);
    auto Qb = random<Q>({2, queries, 4, dim}, 1);
    auto Kb = random<K>({2, keys, 2, dim}, 2);
    auto Vb = random<V>({2, keys, 2, valueDim}, 3);
    auto out = zeros<O>({2, queries, 4, valueDim});
    kernel(Qb, Kb, Vb, out);
    double error = worstError(
        out, keys,
        [&](int b, int h, int i, int j) {
          double s = 0;
          for (int d = 0; d < dim; d++)
            s += double(Qb(d, h, i, b)) * double(Kb(d, h / 2, j, b));
          return s / std::sqrt(dim);
        },
        [&](int b, int h, int j, int d) { return double(Vb(d, h / 2, j, b)); });
    EXPECT_LT(error, bound);
  }
};

class StorageHere : public Storage {};

TEST_P(Storage, EveryTypeIsWidened) {
  check<Half, Half, Half, float>("f16", "f16", "f16", "f32", 64, 64, 70, 150, 3e-6);
  check<Brain, Brain, Brain, float>("bf16", "bf16", "bf16", "f32", 20, 12, 70, 150, 3e-6);
  check<float, Half, Brain, float>("f32", "f16", "bf16", "f32", 7, 80, 33, 100, 3e-6);
}

TEST_P(Storage, TheOutputIsRounded) {
  check<float, float, float, Half>("f32", "f32", "f32", "f16", 16, 17, 70, 150, 1e-3);
  check<Brain, Brain, Brain, Brain>("bf16", "bf16", "bf16", "bf16", 16, 32, 70, 150, 8e-3);
}

/// out = 3 x, by a rowwise kernel.
template <typename T> void checkRows(const TargetInfo &target, const std::string &type) {
  std::string X = "tensor<?x?x2x19xf32>", Y = "tensor<?x?x2x19x" + type + ">";
  Compiled kernel("attn.kernel @thrice(%x: " + X + ") -> " + Y +
                      " {\n%y = attn.rowwise captures(%x : " + X +
                      ") {\n^bb0(%batch: index, %position: index, %head: index, %column: index, "
                      "%t: " +
                      X + "):\n%a = attn.load %t[%batch, %position, %head, %column] : " + X +
                      "\n%three = arith.constant 3.0 : f32\n%b = arith.mulf %a, %three : f32\n"
                      "attn.yield %b : f32\n} : " +
                      Y + "\nattn.return %y : " + Y + "\n}",
                  target);
  auto x = random<float>({2, 5, 2, 19}, 1);
  auto y = zeros<T>({2, 5, 2, 19});
  kernel(x, y);
  y.for_each_element([&](const int *at) { ASSERT_EQ(y(at).to_bits(), T(3 * x(at)).to_bits()); });
}

TEST_P(Storage, RowsThatAKernelReturnsAreRounded) {
  checkRows<Half>(target, "f16");
  checkRows<Brain>(target, "bf16");
}

TEST_P(StorageHere, AnyHeadSize) {
  for (auto [dim, valueDim] : {std::pair(1, 1), {3, 5}, {7, 7}, {80, 96}, {192, 128}})
    check<float, float, float, float>("f32", "f32", "f32", "f32", dim, valueDim, 9, 70, 5e-6);
  check<float, Half, Half, float>("f32", "f16", "f16", "f32", 576, 512, 9, 70, 5e-6);
}

TEST_P(StorageHere, DoublesAreComputedInDoubles) {
  check<double, double, double, double>("f64", "f64", "f64", "f64", 24, 20, 70, 150, 1e-13);
}

INSTANTIATE_ON_TARGETS(Storage);
INSTANTIATE_ON_HOST(StorageHere);

/// One value from storage to result and back, as kernels do it.
template <typename T> class Conversion {
public:
  explicit Conversion(const TargetInfo &info) {
    ImageParam narrow = bufferOf(type_of<T>(), "narrow", 1);
    Var x("x");
    Func result("widened");
    result(x) = widened(narrow(x), Float(32));
    result.vectorize(x, info.lanes, TailStrategy::GuardWithIf);
    widen = jit(Pipeline(result), {narrow}, info);
    ImageParam wide = bufferOf(Float(32), "wide", 1);
    Func back("rounded");
    back(x) = rounded(wide(x), type_of<T>());
    back.vectorize(x, info.lanes, TailStrategy::GuardWithIf);
    round = jit(Pipeline(back), {wide}, info);
  }
  Callable widen, round;
};

float bitsToFloat(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}
uint32_t floatToBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

double valueOfHalf(uint16_t bits) {
  int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  double magnitude = exponent == 31  ? (mantissa ? NAN : INFINITY)
                     : exponent == 0 ? std::ldexp(mantissa, -24)
                                     : std::ldexp(1024 + mantissa, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

TEST_P(Storage, EveryHalfAndBrainFloatIsExact) {
  Conversion<Half> half(target);
  Conversion<Brain> brain(target);
  Buffer<Half> halves(65536);
  Buffer<Brain> brains(65536);
  Buffer<float> ofHalves(65536), ofBrains(65536);
  for (int i = 0; i < 65536; i++)
    halves(i) = Half::make_from_bits(uint16_t(i)), brains(i) = Brain::make_from_bits(uint16_t(i));
  half.widen(Buffer<>(halves), Buffer<>(ofHalves));
  brain.widen(Buffer<>(brains), Buffer<>(ofBrains));
  for (int i = 0; i < 65536; i++) {
    double expected = valueOfHalf(uint16_t(i));
    if (std::isnan(expected))
      ASSERT_TRUE(std::isnan(ofHalves(i))) << i;
    else
      ASSERT_EQ(floatToBits(ofHalves(i)), floatToBits(float(expected))) << i;
    float wide = bitsToFloat(uint32_t(i) << 16);
    if (std::isnan(wide))
      ASSERT_TRUE(std::isnan(ofBrains(i))) << i;
    else
      ASSERT_EQ(floatToBits(ofBrains(i)), uint32_t(i) << 16) << i;
  }
}

/// The nearest of the values a type has, ties to even: found by walking its order.
template <typename Widen> uint16_t nearest(float x, uint16_t infinity, Widen widen) {
  uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  double magnitude = std::abs(double(x));
  uint16_t low = 0, high = infinity; // widen(low) <= magnitude
  while (high - low > 1) {
    uint16_t middle = uint16_t((low + high) / 2);
    (widen(middle) <= magnitude ? low : high) = middle;
  }
  // Halfway to infinity is where the next value would be.
  double above = high == infinity ? 2 * widen(low) - widen(uint16_t(low - 1)) : widen(high);
  double below = widen(low), half = (below + above) / 2;
  bool up = magnitude > half || (magnitude == half && (low & 1));
  return sign | (up ? high : low);
}

TEST_P(Storage, RoundsToTheNearestAndKeepsNaN) {
  Conversion<Half> half(target);
  Conversion<Brain> brain(target);
  std::vector<float> values = {0.f,
                               -0.f,
                               65504.f,
                               65519.9f,
                               65520.f,
                               1e30f,
                               INFINITY,
                               -INFINITY,
                               NAN,
                               -NAN,
                               6e-8f,
                               2.98e-8f,
                               2.99e-8f,
                               1e-40f,
                               3.4e38f,
                               3.39e38f,
                               -1e-8f,
                               1.00048828125f,
                               bitsToFloat(0x7f800001),
                               bitsToFloat(0xffffffff)};
  std::mt19937 generator(1);
  for (int i = 0; i < 20000; i++)
    values.push_back(bitsToFloat(uint32_t(generator())));
  for (int i = 0; i < 20000; i++) // near the middles of halves and of brain floats
    values.push_back(bitsToFloat((uint32_t(generator()) & 0xfffff000u) + generator() % 3 - 1));
  for (int i = 0; i < 20000; i++)
    values.push_back(bitsToFloat((113 - 12 + generator() % 44) << 23 | (generator() & 0x7fffff)));
  Buffer<float> wide(values.data(), int(values.size()));
  Buffer<Half> halves(wide.width());
  Buffer<Brain> brains(wide.width());
  half.round(Buffer<>(wide), Buffer<>(halves));
  brain.round(Buffer<>(wide), Buffer<>(brains));
  auto ofBrain = [](uint16_t bits) { return double(bitsToFloat(uint32_t(bits) << 16)); };
  for (int i = 0; i < wide.width(); i++) {
    float x = values[size_t(i)];
    if (std::isnan(x)) {
      EXPECT_TRUE(std::isnan(float(halves(i)))) << std::hex << floatToBits(x);
      EXPECT_TRUE(std::isnan(float(brains(i)))) << std::hex << floatToBits(x);
      continue;
    }
    ASSERT_EQ(halves(i).to_bits(), nearest(x, 0x7c00, valueOfHalf)) << x;
    ASSERT_EQ(brains(i).to_bits(), nearest(x, 0x7f80, ofBrain)) << x;
  }
}

} // namespace
} // namespace heed::test
