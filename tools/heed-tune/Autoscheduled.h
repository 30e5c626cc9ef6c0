// The same graph under Halide's own autoschedulers, to compare with. For `--autoscheduler`.
#pragma once

#include "tools/heed-tune/Case.h"

namespace heed::tune {

/// A shared library with the case's kernel in the online graph of `plan`, whose blocks are the
/// plan's, scheduled by "Adams2019", "Mullapudi2016" or "Li2018" for the case's shape and threads.
/// An error is what Halide says where it cannot.
llvm::Expected<std::string> compileAutoscheduled(const Case &c, const OnlinePlan &plan,
                                                 const std::string &autoscheduler);

} // namespace heed::tune
