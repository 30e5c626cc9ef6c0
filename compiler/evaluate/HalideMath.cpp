#include "compiler/evaluate/HalideMath.h"

#include <cmath>
#include <limits>

using namespace Halide;

namespace heed {
namespace {

constexpr float rounding =
    12582912.0f; // 1.5 * 2^23: adding it rounds to an integer, in the low bits
constexpr float log2OfE = 1.44269504088896341f;
constexpr float ln2High = 0.693359375f,
                ln2Low = -2.12194440e-4f; // their sum is ln 2 (Cody and Waite)
constexpr float infinity = std::numeric_limits<float>::infinity();

bool isDouble(const Expr &x) { return x.type().bits() == 64; }

/// libm's function of this name.
Expr inLibrary(const char *name, Expr x) {
  return Internal::Call::make(Float(64), name, {std::move(x)}, Internal::Call::PureExtern);
}

template <size_t N> Expr polynomial(Expr x, const float (&coefficients)[N]) {
  Expr sum = coefficients[0];
  for (size_t i = 1; i < N; ++i)
    sum = sum * x + coefficients[i];
  return sum;
}

/// p * 2^n for the integer n that `rounded` = n + rounding holds in its low bits.
Expr scaleByPower(Expr p, Expr rounded) {
  return reinterpret<float>(reinterpret<int>(p) + (reinterpret<int>(rounded) << 23));
}

/// `inside` for low <= x < high, 0 below, infinity from high on, NaN for NaN.
Expr withEnds(Expr x, float low, float high, Expr inside) {
  inside = selectBits(strict_float(x < low), 0.0f, inside);
  inside = selectBits(strict_float(x >= high), infinity, inside);
  return selectBits(isNaNBits(x), x, inside);
}

} // namespace

Expr bitsOf(Expr x) { return reinterpret(Int(x.type().bits()), x); }

Expr numberLike(const Expr &x, double value) { return Internal::make_const(x.type(), value); }

Expr magnitude(Expr x) {
  Expr bits = bitsOf(x);
  return bits & Internal::make_const(bits.type(), isDouble(x) ? INT64_MAX : INT32_MAX);
}

Expr isNaNBits(Expr x) { return magnitude(x) > bitsOf(numberLike(x, infinity)); }

Expr selectBits(Expr condition, Expr a, Expr b) {
  Type type = a.type().bits() > b.type().bits() ? a.type() : b.type();
  return reinterpret(type, select(condition, bitsOf(cast(type, a)), bitsOf(cast(type, b))));
}

Expr exp2Approx(Expr x) {
  if (isDouble(x))
    return inLibrary("exp2", x);
  constexpr float low = -125.0f, high = 128.0f;
  Expr bounded = clamp(x, low, high);
  Expr rounded = strict_float(bounded + rounding);
  Expr fraction = strict_float(bounded - strict_float(rounded - rounding)); // in [-1/2, 1/2]
  // Taylor: (ln 2)^k / k!
  Expr p = polynomial(fraction, {1.52527338e-5f, 1.54035304e-4f, 1.33335581e-3f, 9.61812911e-3f,
                                 5.55041087e-2f, 2.40226507e-1f, 6.93147181e-1f, 1.0f});
  return withEnds(x, low, high, scaleByPower(p, rounded));
}

Expr expApprox(Expr x) {
  if (isDouble(x))
    return inLibrary("exp", x);
  constexpr float low = -86.6433976f, high = 88.7228391f; // -125 ln 2, 128 ln 2
  Expr bounded = clamp(x, low, high);
  Expr rounded = strict_float(strict_float(bounded * log2OfE) + rounding);
  Expr n = strict_float(rounded - rounding);
  Expr rest = strict_float(strict_float(bounded - n * ln2High) - n * ln2Low); // in [-ln2/2, ln2/2]
  // Taylor: 1 / k!
  Expr p = polynomial(rest, {1.98412698e-4f, 1.38888889e-3f, 8.33333333e-3f, 4.16666667e-2f,
                             1.66666667e-1f, 0.5f, 1.0f, 1.0f});
  return withEnds(x, low, high, scaleByPower(p, rounded));
}

// NaN stays NaN because maxps gives its second operand then; the power of two, whatever it is, only
// multiplies. The polynomial is exact at 0: a state whose maximum stays is rescaled by 2^0 once a
// block, and an error there would grow with the number of keys.
Expr decayApprox(Expr x) {
  if (isDouble(x))
    return selectBits(isNaNBits(x), x, exp2Approx(max(numberLike(x, -100), x)));
  // As `rounding`, and the integer is left as a biased exponent.
  constexpr float roundToExponent = 12583039.0f; // 1.5 * 2^23 + 127
  x = max(-100.0f, x);
  Expr rounded = strict_float(x + roundToExponent);
  Expr fraction = strict_float(x - strict_float(rounded - roundToExponent));
  Expr p =
      polynomial(fraction, {0.00132647f, 0.00967151f, 0.05550734f, 0.24022242f, 0.69314698f, 1.0f});
  return p * reinterpret<float>(reinterpret<int>(rounded) << 23);
}

Expr decayFrom(const std::function<Expr(Expr)> &exp2, Expr x) {
  Expr isTiny = strict_float(x < numberLike(x, -100));
  return selectBits(isTiny, numberLike(x, std::ldexp(1.0, -100)), exp2(x));
}

Expr exp2OfCuda(Expr x) {
  return Internal::Call::make(Float(32), "llvm.nvvm.ex2.approx.ftz.f", {std::move(x)},
                              Internal::Call::PureExtern);
}

Expr logApprox(Expr x) {
  if (isDouble(x))
    return inLibrary("log", x);
  Expr isFinite = (reinterpret<int>(x) & 0x7f800000) != 0x7f800000;
  Expr value = selectBits(isFinite, log(x), x);
  value = selectBits(strict_float(x == 0.0f), -infinity, value);
  return selectBits(strict_float(x < 0.0f), std::numeric_limits<float>::quiet_NaN(), value);
}

// A ratio of polynomials in x^2, minimax on [0, 9.01] (2e-8), beyond which tanh is 1 in float32.
// NaN stays NaN because maxps and minps give their second operand then.
Expr tanhApprox(Expr x) {
  if (isDouble(x))
    return inLibrary("tanh", x);
  constexpr float end = 9.01f;
  Expr z = strict_float(min(end, max(-end, x))), square = z * z;
  Expr p =
      polynomial(square, {1.33368697e-8f, 2.05962920e-5f, 3.49481225e-3f, 1.33803726e-1f, 1.0f});
  Expr q =
      polynomial(square, {7.76929258e-7f, 3.28436512e-4f, 2.58740314e-2f, 4.67136880e-1f, 1.0f});
  return z * p / q;
}

// z times a polynomial in z^2, minimax on [0, 3.7], beyond which erf is 1 in float32.
Expr erfApprox(Expr x) {
  if (isDouble(x))
    return inLibrary("erf", x);
  constexpr float end = 3.7f;
  Expr z = clamp(x, -end, end);
  Expr s = z * z * (2.0f / (end * end)) - 1.0f; // in [-1, 1]
  Expr p = polynomial(s, {-2.571997757e-4f, 7.438730099e-4f, -8.477024385e-4f, 1.477972721e-3f,
                          -4.171713255e-3f, 8.379311301e-3f, -1.410315558e-2f, 2.313872986e-2f,
                          -3.607621044e-2f, 5.212739855e-2f, -7.049287856e-2f, 9.052463621e-2f,
                          -1.126375645e-1f, 1.407952756e-1f, -1.904680282e-1f, 3.821374774e-01f});
  return selectBits(isNaNBits(x), x, z * p);
}

} // namespace heed
