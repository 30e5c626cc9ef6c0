// What lowering passes that fetch memory ahead of its use have in common.
//
// Halide's own prefetch directive is non-temporal, which on x86 passes by L2: it makes kernels
// slower, not faster.
#pragma once

#include "Halide.h"

#include <set>
#include <string>

namespace heed {

inline constexpr int lineBytes = 64; // of a cache

/// Some rows of a buffer (column, head, row, batch).
struct BufferRows {
  std::string buffer; ///< empty: there is none
  int columns, rows;

  /// From row to row, in elements; undefined where that is none of the names `defined` there.
  Halide::Expr stride(const std::set<std::string> &defined) const;
};

/// The first place in a buffer that a statement reads or writes; of a vector, its first element.
struct FirstPlace {
  FirstPlace(const std::string &buffer, const Halide::Internal::Stmt &statement);

  /// In names from outside the statement: its loops are where they begin. Undefined where there is
  /// no such place, or where it is only known from what the statement has stored.
  Halide::Expr index;
  Halide::Type type; ///< of an element
};

/// How often the first loop whose name ends with `end` runs, in names from outside the statement.
/// Undefined as FirstPlace's index.
Halide::Expr countOfLoop(const std::string &end, const Halide::Internal::Stmt &statement);

/// Whether the loop's name ends so. Halide marks loops that it makes begin at 0.
bool isNamed(const Halide::Internal::For *loop, const std::string &end);

/// A pass that fetches; knows which names are defined where it is.
class FetchingPass : public Halide::Internal::IRMutator {
protected:
  using IRMutator::visit;
  Halide::Internal::Stmt visit(const Halide::Internal::LetStmt *let) override;
  std::set<std::string> defined; ///< strides that nothing reads are no names
};

/// One after the other; either may be undefined.
Halide::Internal::Stmt inOrder(const Halide::Internal::Stmt &first,
                               const Halide::Internal::Stmt &then);

/// The loop, each step of which begins with `fetch`.
Halide::Internal::Stmt withFetch(const Halide::Internal::For *loop,
                                 const Halide::Internal::Stmt &fetch);

/// Fetches the cache line of element `index` of a buffer of such elements into L2. Any index will
/// do: a line that is not mapped is not fetched.
Halide::Internal::Stmt fetchIntoL2(const std::string &buffer, const Halide::Expr &index,
                                   Halide::Type type);

} // namespace heed
