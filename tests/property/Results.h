// Random results beside the output.
#pragma once

#include "tests/property/Random.h"

#include <string>
#include <vector>

namespace heed::property {

struct Result {
  enum Kind { LogSumExp, KeySums, Scores, Weights } kind;
  /// Of Scores: 0 is the score's, then the modifies', then the masks'.
  int stage = 0;
  bool operator==(const Result &) const = default;
};

inline constexpr const char *resultNames[] = {"log-sum-exp", "key sums", "scores", "weights"};

/// In any order; of `stages` stages.
std::vector<Result> randomResults(Random &random, bool hasLogSumExp, int stages);

} // namespace heed::property
