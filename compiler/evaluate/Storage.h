// Numbers between the type a tensor stores them in and the type kernels compute in. Halide's own
// conversions lose NaN (bfloat16), and warn where the CPU has none.
#pragma once

#include "Halide.h"

#include <utility>

namespace heed {

/// `stored` as a `type`, exactly: denormals, infinities and NaN too.
Halide::Expr widened(Halide::Expr stored, Halide::Type type);

/// Two bfloat16 that lie side by side, the first at the lower address: one operation each where a
/// vector of them is loaded, not two.
std::pair<Halide::Expr, Halide::Expr> widenedPair(Halide::Expr first, Halide::Expr second);

/// Both as the word that holds them: one load where vectors of them are loaded. And what such a
/// word holds.
Halide::Expr wordOf(Halide::Expr first, Halide::Expr second);
/// The same, one load where no vector of them is; for emit/PairProducts, as productsOfPairs.
inline constexpr const char *pairWord = "heed_pair_word";
Halide::Expr oneWordOf(Halide::Expr first, Halide::Expr second);
std::pair<Halide::Expr, Halide::Expr> numbersOf(Halide::Expr pair);

/// Name of the function of two such words: the products of their second and of their first numbers.
/// Added to a sum they are one operation where a CPU has AVX512_BF16: the second product is added
/// first, each sum is rounded to the nearest, and what is denormal is 0. Only emit/PairProducts
/// knows how.
inline constexpr const char *pairProducts = "heed_pair_products";
Halide::Expr productsOfPairs(Halide::Expr x, Halide::Expr y);

/// Of two such words, a word of their first numbers, and one of their second.
Halide::Expr firstsOf(Halide::Expr a, Halide::Expr b);
Halide::Expr secondsOf(Halide::Expr a, Halide::Expr b);
/// Of two float32 that bfloat16 can hold.
Halide::Expr wordOfNumbers(Halide::Expr first, Halide::Expr second);

/// Both rounded to bfloat16, to the nearest, in such a word. What is denormal may become 0.
inline constexpr const char *pairRounded = "heed_pair_rounded";
Halide::Expr roundedPair(Halide::Expr first, Halide::Expr second);
/// 1 and 1.
Halide::Expr pairOfOnes();

/// `value` rounded to the nearest of `type`, ties to even. NaN stays NaN.
Halide::Expr rounded(Halide::Expr value, Halide::Type type);

/// The same of a float of 16 bits, as the integer of its bits.
Halide::Expr roundedWord(Halide::Expr value, Halide::Type type);

} // namespace heed
