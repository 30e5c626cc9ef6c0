// Stores of some of up to four 16-bit lanes: a Halide lowering pass.
//
// Of such a masked store LLVM 22 makes one of 32 bits where just the first lane is stored and it
// has AVX-512: the lanes are as wide as that in the register, and the element after it is
// overwritten. After this pass each lane is a store of its own.
#pragma once

#include "Halide.h"

namespace heed {

class NarrowStores : public Halide::Internal::IRMutator {
protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::Store *store) override;
};

} // namespace heed
