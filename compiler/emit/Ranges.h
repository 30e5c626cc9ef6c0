// The ranges of a plan, by the extents of one kernel's signature.
#pragma once

#include "compiler/dialect/Signature.h"
#include "schedules/plan/PlanChoice.h"

#include <optional>

namespace heed {

/// What a range bounds: the product of two extents, as heed_range codes it. The second is 1 but for
/// "batch_heads"; the first is fixed only where both are.
struct BoundedExtent {
  Extent first, second;
  bool isFixed() const { return first >= 0; }
};

/// The extent that plans call `name`; nothing where the signature has none.
std::optional<BoundedExtent> findExtent(const Signature &signature, llvm::StringRef name);

/// Leaves out what fixed extents decide: nothing comes back where they lie outside of a range.
std::optional<std::vector<ExtentRange>> undecided(const Signature &signature,
                                                  llvm::ArrayRef<ExtentRange> when);

/// "batch, queries, keys": what findExtent knows.
std::string extentNames(const Signature &signature);

} // namespace heed
