// A query, key or value: rows read from a buffer, or made while they are loaded. Where a row lies
// is (head, position, batch).
#pragma once

#include "compiler/graph/Rowwise.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace heed {

/// The element at a place, in the type the kernel computes in.
using OperandElement = std::function<Halide::Expr(Halide::Expr column, Halide::Expr head,
                                                  Halide::Expr position, Halide::Expr batch)>;

/// An operand's rows for one use of them.
struct OperandRows {
  std::function<Halide::Expr(Halide::Expr column)> element;
  /// Columns 2 * `half` and 2 * `half` + 1; empty unless two neighbours cost less than twice one.
  std::function<std::pair<Halide::Expr, Halide::Expr>(Halide::Expr half)> pair;
  /// What `element` reads of its row, each from those before it. Left alone they are computed anew
  /// for every element, which is right, but slow. The last one's output is `element` itself.
  std::vector<RowwiseStages> made;
};
/// A number of a row.
using RowNumber =
    std::function<Halide::Expr(Halide::Expr head, Halide::Expr position, Halide::Expr batch)>;
using OperandMaker = std::function<OperandRows(const std::string &name, const RowPlace &row)>;

/// Rows of an operand that is converted or made, computed once where they are used often.
struct PackedRows {
  Halide::Func rows; ///< (column, names...); undefined where the operand is read as it is
  std::vector<RowwiseStages> made; ///< of the operand's rows
  int columns = 0;
  std::string buffer = {}; ///< that rows are read from; see PairOperand
  bool inOrder = true;     ///< as they lie there
  int width = 1;           ///< of the buffer's columns, how many one of `columns` holds
};

class PairOperand {
public:
  PairOperand() = default;
  /// Elements that cost no more than a load; of a buffer (column, head, position, batch) where one
  /// of that name is read as it is.
  static PairOperand loaded(OperandElement element, std::string buffer = "");
  /// Elements that are converted or made by what `rows` gives, anew for each name; from the rows of
  /// such a buffer, one each: `inOrder` if that of the next position is the buffer's next.
  /// `inPairs` if anything they are made from is stored so that two neighbours cost less than twice
  /// one.
  static PairOperand made(OperandMaker rows, std::string buffer, bool inOrder, bool inPairs);

  /// Says that columns lie side by side as bfloat16: `stored` gives one as it is.
  PairOperand storedInPairs(OperandElement stored) &&;

  /// Whether they do.
  bool hasPairs() const { return bool(asStored); }
  Halide::Expr stored(Halide::Expr column, Halide::Expr head, Halide::Expr position,
                      Halide::Expr batch) const {
    return asStored(column, head, position, batch);
  }
  /// Columns 2 * `half` and 2 * `half` + 1, as they are stored.
  std::pair<Halide::Expr, Halide::Expr> pair(Halide::Expr half, Halide::Expr head,
                                             Halide::Expr position, Halide::Expr batch) const {
    return {stored(2 * half, head, position, batch), stored(2 * half + 1, head, position, batch)};
  }
  /// Says that each row is the one of `rows` at its place times `factor`, which may be empty.
  PairOperand factored(PairOperand rows, RowNumber factor) &&;
  /// Those rows, or these. A sum of their products times the factor is that of these rows.
  const PairOperand &unscaled() const { return withoutFactor ? *withoutFactor : *this; }
  /// Empty where it is 1.
  const RowNumber &factor() const { return rowFactor; }
  /// These rows, whose factor stays in their elements: for scores that are no sums of products.
  PairOperand whole() const;

  /// An element of what is loaded.
  Halide::Expr operator()(Halide::Expr column, Halide::Expr head, Halide::Expr position,
                          Halide::Expr batch) const {
    return element(column, head, position, batch);
  }
  /// A row that is used often is worth computing once.
  bool isMade() const { return bool(make); }
  /// Whose row at the same place a row is, or is made from; empty where there is none.
  const std::string &buffer() const { return name; }
  bool isInOrder() const { return inOrder; }
  /// Where sums over columns take even ones apart from odd ones. What is made asks for it, too: the
  /// same rows have the same sums, wherever they lie.
  bool isInPairs() const { return inPairs; }
  OperandRows rows(const std::string &name, const RowPlace &row) const;

private:
  OperandElement element, asStored;
  OperandMaker make;
  std::shared_ptr<const PairOperand> withoutFactor;
  RowNumber rowFactor;
  std::string name;
  bool inOrder = true, inPairs = false;
};

/// Rows times a matrix. All Funcs are (column, head, position, batch).
struct ProjectionStages {
  int columns = 0;
  Halide::Func input; ///< inlined unless `made` says what it needs
  std::vector<RowwiseStages> made;
  Halide::Func sum;
  Halide::RVar depth; ///< of its reduction
  Halide::Func output;
};

struct ProjectionProgram {
  int inputs = 0, columns = 0;
  Halide::Type type;
  PairOperand input;
  std::function<Halide::Expr(Halide::Expr column, Halide::Expr input, Halide::Expr head)> weight;
  Halide::Expr positions; ///< extent
  /// Positions of a batch entry that may be read.
  std::function<Halide::Expr(Halide::Expr batch)> length;
};

ProjectionStages buildProjection(const ProjectionProgram &program, const std::string &name);

/// A projected row costs as much as its use in a tile of queries, so projections, and what is made
/// of their rows, are computed before everything else: once for all tiles and for all query heads
/// of a key head.
struct RowsAhead {
  std::vector<ProjectionStages> projections;
  std::vector<PackedRows> made; ///< (column, position, head, batch)

  bool empty() const { return projections.empty(); }
};

/// `position` where a batch entry has it. Past the `length` of the entry it is another one's, whose
/// row nobody looks at. Halide learns of no position by it, since there may be none.
Halide::Expr positionThatExists(Halide::Expr position, Halide::Expr length, Halide::Expr positions);

} // namespace heed
