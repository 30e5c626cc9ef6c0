// What stands in the integer tensors that kernels index with.
#pragma once

#include "runtime/Arguments.h"

namespace heed {

/// That lengths, indices and segments are what their roles in heed/kernel.h say, each of them.
heed_status checkValues(const heed_kernel &kernel, const Arguments &arguments);

} // namespace heed
