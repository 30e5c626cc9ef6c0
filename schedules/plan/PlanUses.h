// Which numbers of a plan matter to a kernel, and one way to write the others.
#pragma once

#include "schedules/plan/Plan.h"

namespace heed {

/// Numbers that a kernel has a use for; without one they stay at the default's value.
struct PlanUses {
  bool edgeKeyTile = true; ///< data says which blocks count
  bool taskTiles = true;   ///< tiles of queries share rows
  bool keysAhead = true;   ///< sums read rows of keys or values from memory, not from packed ones
};

/// `plan` with every number that there is no use for at the default's value or, where other numbers
/// rule that out, near it: plans that differ in nothing are equal. A legal plan stays one.
Plan canonical(Plan plan, const PlanUses &uses);

} // namespace heed
