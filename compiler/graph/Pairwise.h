// Scores that are a sum over columns of any function of a query's and a key's element.
#pragma once

#include "Halide.h"

#include <functional>
#include <vector>

namespace heed {

/// One summand: `base` + `factor` * `numerator` / `denominator` clamped to [low, high].
struct PairTerm {
  Halide::Expr base; ///< the same for all pairs of rows; undefined where it is 0
  Halide::Expr numerator;
  Halide::Expr denominator; ///< undefined where it is 1
  double low = 0, high = 0;
  double factor = 1;         ///< the same for every column
  bool isAtLeastLow = false; ///< `denominator` is so already, or NaN
  /// Where not 0, `denominator` is the query's element times the key's and this, each of them
  /// positive or NaN; `numerator` is `base`, a weight, and next to it a quotient past `high` is
  /// nothing in float32, and one of a weight that is nothing next to others is nothing next to
  /// these.
  double addend = 0;
};

/// Bounds of a denominator within which four have a product far from overflow and underflow.
inline constexpr double lowestDenominator = 0x1p-31, highestDenominator = 0x1p31;
/// The same for eight.
inline constexpr double lowestOfEight = 0x1p-15, highestOfEight = 0x1p15;

using PairFunction =
    std::function<PairTerm(Halide::Expr query, Halide::Expr key, Halide::Expr batch,
                           Halide::Expr head, Halide::Expr column)>;

struct Fraction {
  Halide::Expr numerator; ///< undefined where it is 1
  Halide::Expr denominator;
};
/// Over one common denominator, so that there is one division.
Halide::Expr sumOf(std::vector<Fraction> fractions);

/// The terms' sum but for their bases, quotients over one common denominator.
Halide::Expr sumOf(const std::vector<PairTerm> &terms);
/// What belongs to such a sum, before it goes into that of a row: a row of tanhs, each 1 - 1/d,
/// would be as exact as the sum of its ones is large. Undefined where no term has one.
Halide::Expr basesOf(const std::vector<PairTerm> &terms);

/// Of how many columns to make one sum, where their terms have the bounds of `any`: a divisor of
/// `columns`, at most 8.
int columnsAtATime(int columns, const PairTerm &any);

} // namespace heed
