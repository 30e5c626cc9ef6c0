// Tries cases, each in a process of its own: a kernel that crashes or hangs is a failure like any
// other.
#pragma once

#include "tests/property/Judge.h"

#include <functional>

namespace heed::property {

struct Outcome {
  std::string failure; ///< "" where every call agreed with the reference
  int call = 0;        ///< the call that failed
  Worst worst{};
};

/// In this process: compiles the case's kernel and makes its calls. `progress` is set to the number
/// of the call.
Outcome tryHere(const Case &c, volatile int &progress);

/// In a child.
Outcome tryInChild(const Case &c);

/// Every case, in a few children at once. `visit` gets them in order; false ends the run.
void tryAll(const std::vector<Case> &cases,
            const std::function<bool(const Case &, const Outcome &)> &visit);

} // namespace heed::property
