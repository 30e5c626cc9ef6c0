// Timing: what is measured, how often and in which order.
#pragma once

#include "tools/measure/Peak.h"
#include "tools/measure/Progress.h"

#include "llvm/Support/Error.h"

#include <functional>
#include <vector>

namespace heed::measure {

/// Seconds of one call.
struct Timing {
  double least = 0;  ///< of all calls
  double median = 0; ///< of the rounds' medians
};

double medianOf(std::vector<double> values);

using Call = std::function<llvm::Error()>;

/// The seconds of each call of one burst: one call that is not timed, then as many as take at least
/// `seconds`.
llvm::Expected<std::vector<double>> burst(const Call &call, double seconds = 5e-3);

/// Times all calls side by side: every round runs each of them in turn, then the peak, so that
/// whatever disturbs the machine for a while disturbs all alike. A round is a burst
/// of each.
llvm::Expected<std::vector<Timing>> measureRounds(llvm::ArrayRef<Call> calls, int rounds,
                                                  Peak &peak, Progress &progress);

} // namespace heed::measure
