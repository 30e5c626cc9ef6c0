#include "tests/property/Results.h"

#include <algorithm>

namespace heed::property {

std::vector<Result> randomResults(Random &random, bool hasLogSumExp, int stages) {
  std::vector<Result> results;
  if (hasLogSumExp && random.oneIn(2))
    results.push_back({Result::LogSumExp});
  if (random.oneIn(2)) // most kernels return nothing with a key axis
    return results;
  if (random.oneIn(2))
    results.push_back({Result::Weights});
  if (random.oneIn(3))
    results.push_back({Result::KeySums});
  for (int stage = 0; stage < stages; stage++)
    if (random.oneIn(4))
      results.push_back({Result::Scores, stage});
  for (size_t i = results.size(); i > 1; i--)
    std::swap(results[i - 1], results[size_t(random.between(0, int(i) - 1))]);
  return results;
}

} // namespace heed::property
