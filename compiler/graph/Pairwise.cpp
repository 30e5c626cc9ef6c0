#include "compiler/graph/Pairwise.h"

#include <numeric>

using namespace Halide;

namespace heed {
namespace {

// NaN stays NaN because these give their second operand then; Halide's own min and max put the
// constant there.
Expr strictly(Internal::Call::IntrinsicOp op, const Expr &a, const Expr &b) {
  return Internal::Call::make(b.type(), op, {a, b}, Internal::Call::PureIntrinsic);
}

Expr clampedDenominator(const PairTerm &term) {
  Expr value = term.denominator;
  if (!term.isAtLeastLow)
    value =
        strictly(Internal::Call::strict_max, Internal::make_const(value.type(), term.low), value);
  return strictly(Internal::Call::strict_min, Internal::make_const(value.type(), term.high), value);
}

Fraction sum(const Fraction &a, const Fraction &b) {
  auto over = [](const Fraction &one, const Fraction &other) {
    return one.numerator.defined() ? one.numerator * other.denominator : other.denominator;
  };
  return {over(a, b) + over(b, a), a.denominator * b.denominator};
}

} // namespace

Expr basesOf(const std::vector<PairTerm> &terms) {
  Expr sum;
  for (const PairTerm &term : terms)
    if (term.base.defined())
      sum = sum.defined() ? sum + term.base : term.base;
  return sum;
}

Expr sumOf(std::vector<Fraction> fractions) {
  while (fractions.size() > 1) { // in pairs, as a balanced tree
    std::vector<Fraction> half;
    for (size_t i = 0; i + 1 < fractions.size(); i += 2)
      half.push_back(sum(fractions[i], fractions[i + 1]));
    if (fractions.size() % 2)
      half.push_back(fractions.back());
    fractions = half;
  }
  const Fraction &all = fractions[0];
  return all.numerator / all.denominator;
}

Expr sumOf(const std::vector<PairTerm> &terms) {
  Expr plain;
  auto add = [&](const Expr &part) { plain = plain.defined() ? plain + part : part; };
  std::vector<Fraction> fractions;
  for (const PairTerm &term : terms) {
    if (term.denominator.defined())
      fractions.push_back({term.numerator, clampedDenominator(term)});
    else
      add(term.numerator);
  }
  if (fractions.empty())
    return plain;
  Expr quotient = sumOf(std::move(fractions));
  if (double factor = terms.front().factor; factor != 1)
    quotient *= Internal::make_const(quotient.type(), factor);
  return plain.defined() ? plain + quotient : quotient;
}

int columnsAtATime(int columns, const PairTerm &any) {
  bool isNearOne = any.low >= lowestOfEight && any.high <= highestOfEight;
  int most = any.denominator.defined() && isNearOne ? 8 : 4;
  return std::gcd(columns, most);
}

} // namespace heed
