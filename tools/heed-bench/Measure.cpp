#include "tools/heed-bench/Measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace heed::bench {
namespace {

using Seconds = std::chrono::duration<double>;

llvm::Expected<double> secondsOf(const Call &call, int repeats) {
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i)
    if (llvm::Error error = call())
      return error;
  return Seconds(std::chrono::steady_clock::now() - begin).count();
}

/// As many calls as fill a burst; the first call ever is slower than those that follow.
llvm::Expected<int> repeatsOf(const Call &call) {
  constexpr double burst = 5e-3;
  llvm::Expected<double> seconds = secondsOf(call, 1);
  for (int i = 0; i < 3 && seconds && *seconds < burst; ++i) {
    llvm::Expected<double> again = secondsOf(call, 1);
    if (!again)
      return again.takeError();
    seconds = std::min(*seconds, *again);
  }
  if (!seconds)
    return seconds.takeError();
  return std::max(1, int(std::ceil(burst / std::max(*seconds, 1e-7))));
}

} // namespace

double Timing::least() const { return *std::min_element(samples.begin(), samples.end()); }

double Timing::median() const {
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

llvm::Expected<std::vector<Timing>> measure(llvm::ArrayRef<Call> calls, int rounds, Peak &peak,
                                            Progress &progress) {
  std::vector<int> repeats;
  for (const Call &call : calls) {
    llvm::Expected<int> one = repeatsOf(call);
    if (!one)
      return one.takeError();
    repeats.push_back(*one);
  }
  std::vector<Timing> timings(calls.size());
  for (int round = 0; round < rounds; ++round) {
    progress.step("round " + llvm::Twine(round + 1) + " of " + llvm::Twine(rounds));
    for (size_t i = 0; i < calls.size(); ++i) {
      if (llvm::Error error = calls[i]()) // brings its data back into the caches
        return error;
      llvm::Expected<double> seconds = secondsOf(calls[i], repeats[i]);
      if (!seconds)
        return seconds.takeError();
      timings[i].samples.push_back(*seconds / repeats[i]);
    }
    peak.measure();
  }
  return timings;
}

} // namespace heed::bench
