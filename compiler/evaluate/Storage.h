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

/// `value` rounded to the nearest of `type`, ties to even. NaN stays NaN.
Halide::Expr rounded(Halide::Expr value, Halide::Type type);

/// The same of a float of 16 bits, as the integer of its bits.
Halide::Expr roundedWord(Halide::Expr value, Halide::Type type);

} // namespace heed
