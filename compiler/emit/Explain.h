// --explain: what was fused, skipped and chosen, in words.
#pragma once

#include "compiler/emit/Compile.h"

#include <string>

namespace heed {

/// From the kernels' regions and plans alone, so it cannot say what is not so. `kernels` as
/// planKernels gives them: the targets of a kernel follow each other.
std::string explain(llvm::ArrayRef<PlannedKernel> kernels);

} // namespace heed
