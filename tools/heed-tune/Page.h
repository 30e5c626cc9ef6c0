// A run as a page to look at.
#pragma once

#include "tools/heed-tune/Tune.h"

namespace heed::tune {

/// HTML that needs no other file and no network: for each shape the search's curve, the model
/// beside what was measured, what each number of the plan did, the fastest plans; the roofline of
/// all. `bandwidth` is what reads of memory reach, bytes a second; 0 draws no roofline.
std::string pageOf(const Outcomes &outcomes, const Conditions &conditions, double bandwidth);

} // namespace heed::tune
