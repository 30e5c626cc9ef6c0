// Multiply-adds by one rule: a sum or difference of which one side, and one alone, is a product
// that nobody may contract (OrderedSums).
#pragma once

#include "llvm/IR/Module.h"

namespace heed {

/// Fuses them in functions whose target features have +fma, whatever else a product is used for.
/// What is left over is rounded twice, provided the code generator fuses nothing. The rule sees
/// what LLVM's passes leave: a product that two sums share, as the first of one and the second of
/// another, may be contracted in neither, and then neither is fused.
void fuseMultiplyAdds(llvm::Module &module);

} // namespace heed
