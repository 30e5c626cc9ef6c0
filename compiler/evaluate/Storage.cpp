#include "compiler/evaluate/Storage.h"

using namespace Halide;

namespace heed {
namespace {

Expr u(uint32_t value) { return Expr(value); }
Expr bitsOf(Expr x) { return reinterpret(UInt(32, x.type().lanes()), x); }

Expr ofBrain(Expr x) { return reinterpret<float>(cast<uint32_t>(reinterpret<uint16_t>(x)) << 16); }

Expr toBrainWord(Expr x) {
  Expr bits = bitsOf(x), isNaN = (bits & u(0x7fffffff)) > u(0x7f800000);
  Expr nearest = bits + u(0x7fff) + ((bits >> 16) & u(1));
  return cast(UInt(16, bits.type().lanes()), select(isNaN, bits | u(0x400000), nearest) >> 16);
}

// After Giesen, "half_to_float_fast5" and "float_to_half_fast3_rtne" (gist 2156668).
Expr ofHalfByBits(Expr x) {
  Expr half = cast<uint32_t>(reinterpret<uint16_t>(x));
  Expr magnitude = (half & u(0x7fff)) << 13;
  Expr scale = reinterpret<float>(u((254 - 15) << 23)); // 2^112
  Expr number = bitsOf(strict_float(reinterpret<float>(magnitude) * scale));
  Expr isFinite = magnitude < u(0x7c00 << 13);
  return reinterpret<float>(select(isFinite, number, magnitude | u(0x7f800000)) |
                            ((half & u(0x8000)) << 16));
}

Expr toHalfWord(Expr x) {
  Expr bits = bitsOf(x), sign = bits & u(0x80000000), magnitude = bits ^ sign;
  Expr tooLarge = u((127 + 16) << 23), normal = u(113 << 23),
       shift = u((127 - 15 + 23 - 10 + 1) << 23);
  Expr special = select(magnitude > u(0x7f800000), u(0x7e00), u(0x7c00));
  Expr denormal =
      bitsOf(strict_float(reinterpret<float>(magnitude) + reinterpret<float>(shift))) - shift;
  Expr rebased = (magnitude - u((127 - 15) << 23) + u(0xfff) + ((magnitude >> 13) & u(1))) >> 13;
  Expr half = select(magnitude >= tooLarge, special, select(magnitude < normal, denormal, rebased));
  return cast<uint16_t>(half | (sign >> 16));
}

Expr byTarget(Expr hardware, Expr bits) {
  return select(target_has_feature(Target::F16C) || target_has_feature(Target::CUDA), hardware,
                bits);
}

Expr toHalfByBits(Expr x) { return reinterpret(Float(16), toHalfWord(x)); }

} // namespace

Expr widened(Expr stored, Type type) {
  if (stored.type().is_bfloat())
    stored = ofBrain(stored);
  else if (stored.type().element_of() == Float(16))
    stored = byTarget(cast<float>(stored), ofHalfByBits(stored));
  return cast(type, stored);
}

Expr wordOf(Expr first, Expr second) {
  return concat_bits({reinterpret<uint16_t>(first), reinterpret<uint16_t>(second)});
}

Expr oneWordOf(Expr first, Expr second) {
  return Internal::Call::make(UInt(32), pairWord, {std::move(first), std::move(second)},
                              Internal::Call::PureExtern);
}

std::pair<Expr, Expr> numbersOf(Expr pair) {
  Type numbers = Float(32, pair.type().lanes());
  return {reinterpret(numbers, pair << 16), reinterpret(numbers, pair & u(0xffff0000))};
}

Expr productsOfPairs(Expr x, Expr y) {
  return Internal::Call::make(Float(32), pairProducts, {std::move(x), std::move(y)},
                              Internal::Call::PureExtern);
}

Expr roundedPair(Expr first, Expr second) {
  return Internal::Call::make(UInt(32), pairRounded, {std::move(first), std::move(second)},
                              Internal::Call::PureExtern);
}

Expr firstsOf(Expr a, Expr b) { return (a & u(0xffff)) | (b << 16); }
Expr secondsOf(Expr a, Expr b) { return (a >> 16) | (b & u(0xffff0000)); }
Expr wordOfNumbers(Expr first, Expr second) { return secondsOf(bitsOf(first), bitsOf(second)); }

Expr pairOfOnes() { return u(0x3f803f80); }

std::pair<Expr, Expr> widenedPair(Expr first, Expr second) {
  return numbersOf(wordOf(first, second));
}

Expr rounded(Expr value, Type type) {
  if (type.is_bfloat())
    return reinterpret(type, roundedWord(value, type));
  if (type == Float(16))
    return byTarget(cast(Float(16), cast<float>(value)), toHalfByBits(cast<float>(value)));
  return cast(type, value);
}

Expr roundedWord(Expr value, Type type) {
  value = cast(Float(32, value.type().lanes()), value);
  return type.is_bfloat() ? toBrainWord(value) : toHalfWord(value);
}

} // namespace heed
