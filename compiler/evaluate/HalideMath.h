// Functions on float32 as polynomials that vectorize: Halide's own call libm one element at a time,
// and its fast_ variants are wrong outside their range. On float64 they are libm's.
//
// NaN stays NaN and infinities go where they should in all of them. Halide marks comparisons
// `nnan ninf`, so what depends on NaN is decided on the bits of the argument.
#pragma once

#include "Halide.h"

#include <functional>

namespace heed {

/// 2^x; relative error below 3e-7. Flushes to 0 below 2^-125.
Halide::Expr exp2Approx(Halide::Expr x);

/// e^x; relative error below 3e-7. Flushes to 0 below 2^-125.
Halide::Expr expApprox(Halide::Expr x);

/// 2^x for x <= 0, at least 2^-100, so that nothing is denormal; relative error below 2e-7, and
/// none at 0. NaN of any payload stays NaN.
Halide::Expr decayApprox(Halide::Expr x);

/// The same from any 2^x that keeps NaN and gives 1 at 0.
Halide::Expr decayFrom(const std::function<Halide::Expr(Halide::Expr)> &exp2, Halide::Expr x);

/// 2^x as CUDA devices have it (ex2.approx.ftz): off by 2 units in the last place, which is 2.4e-7,
/// and 0 below 2^-126. NaN stays NaN, infinities go where they should, 2^0 is 1.
Halide::Expr exp2OfCuda(Halide::Expr x);

/// Relative error below 1e-6.
Halide::Expr tanhApprox(Halide::Expr x);

/// Relative error below 6e-7.
Halide::Expr erfApprox(Halide::Expr x);

/// Halide's own, whose vectors are as good as the others here but give a number for NaN and
/// infinity.
Halide::Expr logApprox(Halide::Expr x);

/// True for NaN, decided on bits.
Halide::Expr isNaNBits(Halide::Expr x);

/// The bits of a float, as an integer.
Halide::Expr bitsOf(Halide::Expr x);

/// |x| as an integer, which orders as |x| does, and NaN above all.
Halide::Expr magnitude(Halide::Expr x);

/// `value` in the type of `x`.
Halide::Expr numberLike(const Halide::Expr &x, double value);

/// condition ? a : b on the bits of two floats, which LLVM may not assume to be no NaN. The
/// narrower of the two is widened.
Halide::Expr selectBits(Halide::Expr condition, Halide::Expr a, Halide::Expr b);

} // namespace heed
