// Random keys, and a normalizer's regions on numbers.
#pragma once

#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/evaluate/NumbersDomain.h"

#include <random>
#include <string>
#include <vector>

namespace heed {

using Reals = std::vector<double>;

/// What the laws are tried with. Scores stand in the normalizer's unit.
class Trial {
public:
  explicit Trial(const Normalizer &normalizer);

  /// New keys and captures for the trial `number`.
  void begin(int number) { random.seed(unsigned(number)); }
  /// Scores of up to six keys, `least` at least: of one magnitude, which may be tiny or as large as
  /// `largest`, and sometimes infinite.
  Reals keys(size_t least, double largest, bool maybeInfinite);
  double between(double low, double high);

  /// Whether every region can be evaluated; says so where one cannot.
  mlir::LogicalResult tryRegions() const;

  // Of an online normalizer.
  Reals identity() const;
  Reals summarize(const Reals &keys) const;
  double weight(double score, const Reals &state) const;
  Reals merge(const Reals &first, const Reals &second) const;
  Reals finalize(const Reals &state) const;
  size_t states() const { return identity().size(); }
  // Of a threshold normalizer.
  Reals bracket() const;
  double weight(double score, double threshold) const;

private:
  Normalizer normalizer;
  Context<Number> context;
  std::mt19937 random;

  Reals read(mlir::Region &region, const Reals &numbers, bool isPlaced) const;
};

/// "[1.5, -2]"
std::string show(const Reals &numbers);

/// Equal but for rounding in numbers as large as those in `among`, or both not finite.
bool agree(double a, double b, const Reals &among);

} // namespace heed
