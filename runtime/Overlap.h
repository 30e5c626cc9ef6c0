// Whether two strided tensors share a byte.
#pragma once

#include "runtime/Arguments.h"

namespace heed {

/// Exact for tensors whose strides nest, also where they interleave (two slices of one fused
/// buffer). For wild strides the search is cut off and the answer is yes.
bool shareMemory(const Tensor &a, const Tensor &b);

/// Whether every element has memory of its own: each stride steps over all that the smaller ones
/// reach.
bool stridesNest(const Tensor &tensor);

} // namespace heed
