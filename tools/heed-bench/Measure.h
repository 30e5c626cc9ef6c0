// Timing: what is measured, how often and in which order.
#pragma once

#include "tools/heed-bench/Peak.h"
#include "tools/heed-bench/Progress.h"

#include "llvm/Support/Error.h"

#include <functional>
#include <vector>

namespace heed::bench {

/// Seconds of one call, one sample a round.
struct Timing {
  std::vector<double> samples;

  double least() const;
  double median() const;
};

using Call = std::function<llvm::Error()>;

/// Times all calls side by side: every round runs each of them in turn, then the peak, so that
/// whatever disturbs the machine for a while disturbs all alike. A call is repeated until its burst
/// takes at least five milliseconds, after one that is not timed; a sample is the burst's mean.
llvm::Expected<std::vector<Timing>> measure(llvm::ArrayRef<Call> calls, int rounds, Peak &peak,
                                            Progress &progress);

} // namespace heed::bench
