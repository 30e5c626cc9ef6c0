// Loops that stop at a number known only while they run: a Halide lowering pass.
//
// A reduction may skip steps by a condition (RDom::where). Where that reads a Func, Halide asks it
// in the innermost loop, and computes the stages of the steps it skips. Of a loop
//   for i in [0, most): ... if (i < count[0]) store ...
// whose every store to what outlives a step is under the one condition, this makes
//   for i in [0, min(most, count[0])): ... store ...
// Calls are no effects: kernels have no extern stages.
#pragma once

#include "Halide.h"

namespace heed {

class CountedLoops : public Halide::Internal::IRMutator {
protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;
};

} // namespace heed
