#include "compiler/graph/WeightedQuotients.h"
#include "compiler/evaluate/HalideMath.h"

#include <algorithm>
#include <limits>

using namespace Halide;

namespace heed {
namespace {

constexpr double leastShare = 0x1p-24, leastLargest = 0x1p-100, lowest = 0x1p-13,
                 mostOfProduct = 0x1p55;

Expr withSignOf(Expr x, Expr size) {
  return reinterpret<float>(bitsOf(size) | (bitsOf(x) & INT32_MIN));
}

Expr isDropped(Expr weight, Expr largest) {
  return magnitude(weight) < magnitude(largest * numberLike(largest, leastShare));
}

} // namespace

StepWeights weightsOf(const std::vector<PairTerm> &terms) {
  const Expr &first = terms.front().numerator;
  auto number = [&](double value) { return numberLike(first, value); };
  Expr bits = bitsOf(number(leastLargest));
  for (const PairTerm &term : terms)
    bits = max(bits, magnitude(term.numerator));
  const double unit = lowest / terms.front().addend;
  StepWeights step;
  step.largest = reinterpret<float>(bits);
  step.scale = step.largest * number(unit * terms.front().factor);
  Expr dropped = number(0);
  for (const PairTerm &term : terms) {
    Expr one = withSignOf(term.numerator, number(1));
    dropped += select(isDropped(term.numerator, step.largest), one, number(0));
  }
  step.offset = dropped * step.scale * number(-leastShare / lowest);
  return step;
}

ColumnWeight weightOf(const PairTerm &term, Expr largest) {
  const Expr &w = term.numerator;
  auto number = [&](double value) { return numberLike(w, value); };
  Expr infinite = number(std::numeric_limits<double>::infinity()),
       size = reinterpret<float>(max(magnitude(w), magnitude(largest * number(leastShare)))),
       ratio = withSignOf(w, largest / size);
  return {selectBits(isDropped(w, largest), number(0), ratio * number(lowest / term.addend)),
          selectBits(bitsOf(largest) < bitsOf(infinite), ratio * number(lowest), infinite)};
}

int boundedAtATime(int columnsAtATime) { return std::min(columnsAtATime, 4); }

Expr isBounded(Expr product) {
  return magnitude(product) <= bitsOf(numberLike(product, mostOfProduct));
}

Expr sumOfReciprocals(const std::vector<Expr> &denominators) {
  std::vector<Fraction> fractions;
  for (const Expr &denominator : denominators)
    fractions.push_back({Expr(), denominator});
  return sumOf(std::move(fractions));
}

} // namespace heed
