// Whether inputs fit a kernel: the checks that the runtime makes of a call.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/dialect/Signature.h"
#include "compiler/reference/Array.h"

#include <map>

namespace heed {

/// Extents by symbol, as the inputs fix them.
using Symbols = std::map<Extent, int64_t>;

/// A diagnostic at `kernel` where they don't.
mlir::FailureOr<Symbols> checkInputs(attn::KernelOp kernel, Signature signature,
                                     llvm::ArrayRef<Array> inputs);

} // namespace heed
