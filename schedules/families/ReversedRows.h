// Rows that a kernel stores from the last to the first: a Halide lowering pass.
//
// Halide's tiles begin where a buffer does, and the last one is short. Where the first is to be
// short, row r of the loops is stored as row `rows - 1 - r`: the buffer is taken from its last row
// on, with a stride that is negative.
#pragma once

#include "Halide.h"

#include <map>
#include <string>

namespace heed {

class ReversedRows : public Halide::Internal::IRMutator {
public:
  /// Rows are the third dimension of every buffer of `output`. Its tasks, of all heads and batch
  /// entries, run from the last to the first, if `forwards`: those of a head in the order in which
  /// their rows lie.
  ReversedRows(const Halide::Func &output, bool forwards);

protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::LetStmt *let) override;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;

private:
  const std::string name; ///< of the output
  const bool forwards;
  std::map<std::string, int> bytes; ///< of an element, by the buffer's name
};

} // namespace heed
