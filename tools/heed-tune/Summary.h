// What a run found, in a few lines.
#pragma once

#include "tools/heed-tune/Tune.h"

namespace heed::tune {

/// A line a shape; how many plans came to what; how well the model ranked them.
std::string summaryOf(const Outcomes &outcomes);

/// How the model ranked what was timed of one setting: Spearman's rho. 0 for fewer than three
/// plans.
double modelCorrelation(llvm::ArrayRef<Trial> trials, const Setting &setting);

} // namespace heed::tune
