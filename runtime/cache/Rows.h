// Copying tokens from a caller's tensor, strided in any way, into compact rows.
#pragma once

#include "runtime/Arguments.h"

namespace heed {

/// Copies the part of `tensor` that has its axes from `axis` on, and begins at `from`, to `to`,
/// compact. Returns the end of what it wrote.
uint8_t *copyCompact(uint8_t *to, const Tensor &tensor, int axis, const uint8_t *from);

} // namespace heed
