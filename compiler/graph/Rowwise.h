// Rows of elements, each from its place, and sums over a row's columns: a layer's (column, row), or
// those of queries, keys and values (column, head, position, batch).
#pragma once

#include "Halide.h"

#include <functional>
#include <string>
#include <vector>

namespace heed {

/// What a rowwise op computes, free of MLIR.
struct RowwiseProgram {
  int columns = 0;
  int rank = 2; ///< 2 or 4
  /// Gives the sum over the row's columns of a value that depends on the row and the column.
  using RowSum = std::function<Halide::Expr(Halide::Expr value)>;
  /// As a tensor holds it. `place` is in Halide's order: the column first.
  std::function<Halide::Expr(const std::vector<Halide::Expr> &place, const RowSum &rowSum)> element;
};

/// A row: what the Funcs of it are named by, and where it lies as a function of the names, both in
/// Halide's order and without the column. What is named by a loop's counters is a single row to
/// bounds inference, wherever it lies.
struct RowPlace {
  std::vector<Halide::Var> names;
  std::vector<Halide::Expr> at;
};
/// Named by where it lies.
RowPlace rowAt(std::vector<Halide::Var> coordinates);

/// One sum over a row: column c is added to partial sum c % lanes, so that no partial waits for
/// another.
struct RowSumStages {
  Halide::Func partial; ///< (lane, names...)
  Halide::RVar step;    ///< of partial: columns step * lanes + lane
  Halide::Func sum;     ///< (names...) of the partial ones, as a tree
  int lanes;            ///< how many partial sums
};

struct RowwiseStages {
  int columns = 0;
  std::vector<RowSumStages> sums; ///< a sum may read those before it
  Halide::Func output;            ///< (column, names...)
};

RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes, const std::string &name,
                           const RowPlace &row);
/// (column, row), or (column, head, position, batch).
RowwiseStages buildRowwise(const RowwiseProgram &program, int lanes);

} // namespace heed
