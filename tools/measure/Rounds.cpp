#include "tools/measure/Rounds.h"

#include <algorithm>
#include <chrono>

namespace heed::measure {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

} // namespace

llvm::Expected<std::vector<double>> burst(const Call &call, double atLeast) {
  if (llvm::Error error = call()) // brings its data back into the caches
    return std::move(error);
  std::vector<double> seconds;
  for (Clock::time_point begin = Clock::now(); secondsSince(begin) < atLeast;) {
    Clock::time_point callBegin = Clock::now();
    if (llvm::Error error = call())
      return std::move(error);
    seconds.push_back(secondsSince(callBegin));
  }
  return seconds;
}

double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

llvm::Expected<std::vector<Timing>> measureRounds(llvm::ArrayRef<Call> calls, int rounds,
                                                  Peak &peak, Progress &progress) {
  std::vector<std::vector<double>> least(calls.size()), medians(calls.size()); // (call, round)
  for (int round = 0; round < rounds; ++round) {
    progress.step("round " + llvm::Twine(round + 1) + " of " + llvm::Twine(rounds));
    for (size_t i = 0; i < calls.size(); ++i) {
      llvm::Expected<std::vector<double>> seconds = burst(calls[i]);
      if (!seconds)
        return seconds.takeError();
      least[i].push_back(*std::min_element(seconds->begin(), seconds->end()));
      medians[i].push_back(medianOf(*seconds));
    }
    peak.measure();
  }
  std::vector<Timing> timings;
  for (size_t i = 0; i < calls.size(); ++i)
    timings.push_back({*std::min_element(least[i].begin(), least[i].end()), medianOf(medians[i])});
  return timings;
}

} // namespace heed::measure
