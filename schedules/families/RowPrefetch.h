// Fetches the next block's keys and values into L2 while one block is multiplied: a Halide lowering
// pass.
//
// Hardware fetches ahead within a page. Where rows of a head lie further apart than that, as in
// (batch, sequence, head, dim), every row of a block that is not in L2 yet would be waited for.
// Each step of a reduction over a block fetches one line: the steps of the scores go through a
// row's columns, and which of the rows it is goes round with them; those of the weighted sum go
// through the rows, and the tile of columns says the rest.
//
// Measured, one thread, causal, 4 heads on 2 of 2048 x 128: 75 to 80% of peak in (batch, sequence,
// head, dim), 79 to 81% in (batch, head, sequence, dim); 12 heads of 1024 x 64: 64 to 69%, 71 to
// 72%. Nothing changes where all fits in L2.
#pragma once

#include "Halide.h"

#include <string>
#include <vector>

namespace heed {

/// A reduction over the rows of one block of `buffer`, (column, head, row, batch).
struct ReducedRows {
  std::string product; ///< the Func that reduces
  std::string buffer;
  std::string outer; ///< part of the name of the loop around it that goes through tiles of columns;
                     ///< empty where the reduction does
  int ahead;         ///< rows to the next block
  int unrolled;      ///< rows that a step reads
};

class RowPrefetch : public Halide::Internal::IRMutator {
public:
  explicit RowPrefetch(std::vector<ReducedRows> all) : all(std::move(all)) {}

protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::For *loop) override;

private:
  const std::vector<ReducedRows> all;
  std::vector<std::string> around; ///< loops, outermost first

  /// Nothing where it is not known which row comes next.
  Halide::Internal::Stmt fetch(const ReducedRows &rows, const Halide::Internal::For *loop) const;
};

} // namespace heed
