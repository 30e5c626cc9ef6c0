// Whether tensors fit a kernel: everything the generated code relies on and does not check itself.
#pragma once

#include "runtime/Arguments.h"

namespace heed {

/// Checks every argument against the table and against the others and fills `arguments`. What is
/// wrong is in heed_last_error(): the argument, what was given, what was expected.
heed_status checkArguments(const heed_kernel &kernel, const DLTensor *const *tensors,
                           Arguments &arguments);

/// Whether every output is empty: such a call computes nothing.
bool writesNothing(const heed_kernel &kernel, const Arguments &arguments);

} // namespace heed
