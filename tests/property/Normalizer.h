// Random normalizers: the kinds, and a user's own.
#pragma once

#include "tests/property/Component.h"

namespace heed::property {

/// How a weight follows an error of its score.
enum class Follows {
  Exponential, ///< relatively by as much
  Line,        ///< by as much
  Square,      ///< by twice as much times the score
  Threshold,   ///< by as much, and through the threshold
  SquareOfThreshold,
  Nothing
};

struct Normalizer {
  std::string name = "softmax"; ///< as attn.normalize takes it
  Component component;          ///< captures; the body of a user's own is its op
  bool hasLogSumExp = true, isOnline = true;
  int states = 2;
  Follows follows = Follows::Exponential;
  /// Weights of a row sum to 1 at most.
  bool isMean = true;
  /// What scores are multiplied by, of a user's own.
  double slope = 1;
};

Normalizer randomNormalizer(Random &random, const std::string &prefix);

} // namespace heed::property
