#include "compiler/graph/Pairwise.h"

using namespace Halide;

namespace heed {
namespace {

struct Fraction {
  Expr numerator, denominator;
};

// NaN stays NaN because maxps and minps give their second operand then. Halide's own put the
// constant there.
Expr clampedDenominator(const PairTerm &term) {
  Type type = term.denominator.type();
  Expr low = Internal::make_const(type, term.low), high = Internal::make_const(type, term.high);
  Expr above = select(strict_float(term.denominator < low), low, term.denominator);
  return select(strict_float(high < above), high, above);
}

Fraction sum(const Fraction &a, const Fraction &b) {
  return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
}

} // namespace

Expr sumOf(const std::vector<PairTerm> &terms) {
  Expr plain;
  std::vector<Fraction> fractions;
  for (const PairTerm &term : terms)
    if (term.denominator.defined())
      fractions.push_back({term.numerator, clampedDenominator(term)});
    else
      plain = plain.defined() ? plain + term.numerator : term.numerator;
  while (fractions.size() > 1) { // in pairs, as a balanced tree
    std::vector<Fraction> half;
    for (size_t i = 0; i + 1 < fractions.size(); i += 2)
      half.push_back(sum(fractions[i], fractions[i + 1]));
    if (fractions.size() % 2)
      half.push_back(fractions.back());
    fractions = half;
  }
  if (fractions.empty())
    return plain;
  Expr quotient = fractions[0].numerator / fractions[0].denominator;
  return plain.defined() ? plain + quotient : quotient;
}

int columnsAtATime(int columns) { return columns % 4 == 0 ? 4 : columns % 2 == 0 ? 2 : 1; }

} // namespace heed
