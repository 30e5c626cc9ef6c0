// Scores that are a sum over columns of any function of a query's and a key's element.
#pragma once

#include "Halide.h"

#include <functional>
#include <vector>

namespace heed {

/// One summand: `base` + `numerator` / `denominator` clamped to [low, high].
struct PairTerm {
  Halide::Expr base; ///< sees neither query nor key; undefined where it is 0
  Halide::Expr numerator;
  Halide::Expr denominator; ///< undefined where it is 1
  double low = 0, high = 0;
};

/// Bounds of a denominator within which four have a product far from overflow.
inline constexpr double lowestDenominator = 0x1p-31, highestDenominator = 0x1p31;

using PairFunction =
    std::function<PairTerm(Halide::Expr query, Halide::Expr key, Halide::Expr batch,
                           Halide::Expr head, Halide::Expr column)>;

/// The terms' sum without their bases: quotients over one common denominator, so that there is one
/// division. At most four.
Halide::Expr sumOf(const std::vector<PairTerm> &terms);

/// Columns to take at a time: 4, 2 or 1.
int columnsAtATime(int columns);

} // namespace heed
