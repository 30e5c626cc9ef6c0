// Which of a kernel's variants runs a call.
#pragma once

#include "runtime/Arguments.h"

namespace heed {

/// The first variant that runs where the tensors are, whose features the CPU has and whose ranges
/// hold, among those of HEED_TARGET where that is set (read at every call). Where there is none:
/// HEED_NO_VARIANT, or HEED_WRONG_DEVICE, with a message.
heed_status chooseVariant(const heed_kernel &kernel, const Arguments &arguments,
                          const heed_variant *&variant);

} // namespace heed
