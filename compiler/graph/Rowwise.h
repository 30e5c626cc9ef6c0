// A rowwise kernel as Halide stages: each element from its row and column, and sums over the row's
// columns. Halide's dimensions are the tensors' in reverse: (column, row).
#pragma once

#include "Halide.h"

#include <functional>
#include <vector>

namespace heed {

/// What a rowwise kernel computes, free of MLIR.
struct RowwiseProgram {
  int columns = 0;
  /// Gives the sum over the row's columns of a value that depends on the row and the column.
  using RowSum = std::function<Halide::Expr(Halide::Expr value)>;
  std::function<Halide::Expr(Halide::Expr row, Halide::Expr column, const RowSum &rowSum)> element;
};

/// One sum over a row: column c is added to partial sum c % lanes, so that no partial waits for
/// another.
struct RowSumStages {
  Halide::Func partial; ///< (lane, row)
  Halide::RVar step;    ///< of partial: columns step * lanes + lane
  Halide::Func sum;     ///< (row)
  Halide::RVar lane;    ///< of sum
};

struct RowwiseStages {
  int columns = 0;
  std::vector<RowSumStages> sums; ///< a sum may read those before it
  Halide::Func output;            ///< (column, row)
};

RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes);

} // namespace heed
