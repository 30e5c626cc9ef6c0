// What an expression reads.
#pragma once

#include "Halide.h"

#include <vector>

namespace heed {

/// Whether an expression has a call of one of these types: Image and Halide are elements of tensors
/// and of Funcs.
bool calls(const Halide::Expr &e, std::vector<Halide::Internal::Call::CallType> types);

} // namespace heed
