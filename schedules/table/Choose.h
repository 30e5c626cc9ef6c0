// From tuned shapes to a kernel's variants.
#pragma once

#include "schedules/plan/PlanChoice.h"
#include "schedules/table/Table.h"

namespace heed {

/// Whether a shape is one of `when`, as far as it says its extents.
bool isWithin(const Shape &shape, llvm::ArrayRef<ExtentRange> when);

/// The variants that `tables` have for `kernel` on `target`, best first; none where no entry could
/// serve it.
///
/// `defaults` divide shapes into regions: a shape is of the first choice that holds it. A table of
/// prompts says nothing of single queries, so each region is looked at by itself, and one that no
/// entry lies in keeps its default.
///
/// Of a region's entries, those of the nearest kernel (`distance`; earlier tables win a tie, and
/// hide the same shapes of later ones) are taken. Where their plans differ, shapes are told apart
/// by a tree of thresholds: the extent and the gap between two neighbouring tuned extents that
/// parts the plans best; the threshold is the geometric mean of the two. Tuning puts shapes between
/// neighbours whose plans differ, so the gaps are small where it matters.
///
/// Together the variants serve every shape, but for one rule: a row plan keeps scores of all keys
/// in memory, so it serves at most twice the keys it was tuned for; where that leaves shapes open,
/// no variant is without ranges.
std::vector<PlanChoice> chooseFromTables(llvm::ArrayRef<Table> tables, const KernelKey &kernel,
                                         const std::string &target,
                                         llvm::ArrayRef<PlanChoice> defaults = {});

} // namespace heed
