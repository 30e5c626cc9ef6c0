// This search beside others that had the same time. For `--compare`.
#pragma once

#include "tools/heed-tune/Tune.h"

namespace heed::tune {

/// Guided and random search and Halide's autoschedulers Adams2019 and Mullapudi2016, each with the
/// request's budget, for its first shape of `described`'s first kernel; autoschedulers get the
/// graph of the default plan's blocks, Adams2019 also as a greedy search. What each found is then timed against the default plan, in
/// turn. A table.
///
/// The searches' logs are the request's with their names added: a second run goes on.
llvm::Expected<std::string> compareSearches(mlir::ModuleOp described, const Request &request,
                                            Display &display);

} // namespace heed::tune
