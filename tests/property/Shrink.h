// Makes a failing case smaller for as long as it fails.
#pragma once

#include "tests/property/Trial.h"

namespace heed::property {

struct Shrunk {
  Case least;
  Outcome outcome;
};

/// `outcome` is what trying `failing` gave.
Shrunk shrink(const Case &failing, const Outcome &outcome);

} // namespace heed::property
