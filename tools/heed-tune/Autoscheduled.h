// The same graph under Halide's own autoschedulers, to compare with. For `--autoscheduler`.
#pragma once

#include "tools/heed-tune/Case.h"

namespace heed::tune {

struct Autoscheduler {
  std::string name; ///< Adams2019, Mullapudi2016, Li2018
  int beamSize = 0; ///< of Adams2019: how many schedules it keeps at a time; 0: its default, 32
};

/// A shared library with the case's kernel in the online graph of `plan`, whose blocks are the
/// plan's, scheduled for the case's shape and threads. An error is what Halide says where it
/// cannot.
llvm::Expected<std::string> compileAutoscheduled(const Case &c, const OnlinePlan &plan,
                                                 const Autoscheduler &autoscheduler);

} // namespace heed::tune
