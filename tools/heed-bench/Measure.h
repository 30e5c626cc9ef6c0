// Timing: what is measured, how often and in which order.
#pragma once

#include "tools/heed-bench/Peak.h"
#include "tools/heed-bench/Progress.h"

#include "llvm/Support/Error.h"

#include <functional>
#include <vector>

namespace heed::bench {

/// Seconds of one call.
struct Timing {
  double least = 0;  ///< of all calls
  double median = 0; ///< of the rounds' medians
};

double medianOf(std::vector<double> values);

using Call = std::function<llvm::Error()>;

/// Times all calls side by side: every round runs each of them in turn, then the peak, so that
/// whatever disturbs the machine for a while disturbs all alike. A round makes one call that is not
/// timed and then as many as take at least five milliseconds.
llvm::Expected<std::vector<Timing>> measure(llvm::ArrayRef<Call> calls, int rounds, Peak &peak,
                                            Progress &progress);

} // namespace heed::bench
