// Loops that stop at a number known only while they run: a Halide lowering pass.
//
// A reduction may skip steps by a condition (RDom::where). Where that reads a Func, or the place of
// a whole vector, Halide asks it in the innermost loop, and computes the stages of the steps it
// skips. Of a loop
//   for i in [0, most): ... if (i + a < b) store ...
// whose every store to what outlives a step is under the one condition, a and b the same in all
// steps, this makes
//   for i in [0, min(most, b - a)): ... store ...
// and of a condition c <= i + a a loop that begins at max(0, c - a).
// What a step produces for itself does not outlive it, also where its place does, as in a GPU's
// shared memory: no stage here is stored further out than it is computed. Calls are no effects:
// kernels have no extern stages.
#pragma once

#include "Halide.h"

namespace heed {

class CountedLoops : public Halide::Internal::IRMutator {
protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;
};

} // namespace heed
