// A component's region as formulas that people read: one more reader of regions.
#pragma once

#include "compiler/dialect/Attn.h"

#include <array>
#include <string>

namespace heed {

/// What the component's body yields, in the names of its parameters and of the captured kernel
/// arguments: "x + slopes[head] * (key - query)". A formula that would be longer than a few lines
/// has "..." inside.
std::string bodyText(attn::Component component);

/// The four bounds of a mask's `ranges`, in batch, head, first and last.
std::array<std::string, 4> rangesText(attn::MaskOp mask);

/// The two truths of a mask's `status`, may and all, in these and first_key and last_key.
std::array<std::string, 2> statusText(attn::MaskOp mask);

} // namespace heed
