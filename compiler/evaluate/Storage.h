// Numbers between the type a tensor stores them in and the type kernels compute in. Halide's own
// conversions lose NaN (bfloat16), and warn where the CPU has none.
#pragma once

#include "Halide.h"

namespace heed {

/// `stored` as a `type`, exactly: denormals, infinities and NaN too.
Halide::Expr widened(Halide::Expr stored, Halide::Type type);

/// `value` rounded to the nearest of `type`, ties to even. NaN stays NaN.
Halide::Expr rounded(Halide::Expr value, Halide::Type type);

} // namespace heed
