// Stores of square blocks that change places of rows and columns: a Halide lowering pass.
//
// Halide interleaves the vectors of such a store and leaves it to LLVM to find shuffles, which
// takes 160 of them for a block of 16 x 16. Here it is 64, the least with two operands: first
// within the 128-bit parts of the registers, where an x86 unpack does it, then whole parts. Turning
// queries and outputs takes 8% of the time of 128 keys that way, 11.7% without.
#pragma once

#include "Halide.h"

namespace heed {

/// Rewrites every store of n interleaved vectors of n elements into n stores of vectors.
class Transpose : public Halide::Internal::IRMutator {
protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::Store *store) override;
};

} // namespace heed
