// What happens to one (query, key) pair, as Halide expressions: the kernel's score, modify and mask
// with their captures, free of MLIR. graph/ builds its stages from this; the regions are read in
// PairProgram.cpp.
#pragma once

#include "compiler/graph/Boxes.h"
#include "compiler/graph/NormalizerProgram.h"
#include "compiler/graph/Operand.h"
#include "compiler/graph/Pairwise.h"

#include "compiler/graph/Segments.h"

#include "Halide.h"

#include <functional>

namespace heed {

/// Where a pair stands. Head is the query's head. Regions load at these positions: whoever asks
/// about a tile's edge clamps them to ones that exist.
struct Pair {
  Halide::Expr batch, head, query, key;
};

/// Which keys a tile of queries needs, half-open, not yet cut to the key length: outside the hull
/// no pair counts, inside the full range every pair does.
struct KeyRanges {
  Halide::Expr hullBegin, hullEnd, fullBegin, fullEnd;
};

/// Of a block of pairs: whether any may count, and whether all do.
struct BlockStatus {
  Halide::Expr may, all;
  std::vector<BoxExtremes> boxes; ///< that these read
};

/// How the columns of a query and a key are multiplied and added up.
enum class DotOrder {
  Columns,  ///< one after the other
  OddFirst, ///< of two neighbours the second first: what pairs give, from numbers
  Pairs     ///< two at once, bfloat16 as they are stored
};

struct PairProgram {
  Halide::Type type = Halide::Float(32); ///< what the kernel computes in
  PairOperand query, key, value;
  RowsAhead ahead; ///< what these read
  int dim = 0, valueDim = 0;
  DotOrder order = DotOrder::Columns;
  double scale = 1;       ///< of the dot product
  PairFunction term;      ///< of a pairwise score; empty where it is a dot product
  int columnsAtATime = 1; ///< of `term`, that share a division
  Halide::Expr batch, queries, keys, queryHeads,
      keyHeads; ///< extents, constant where they are fixed

  /// Keys and queries of a batch entry that exist.
  std::function<Halide::Expr(Halide::Expr batch)> keyLength, queryLength;
  /// The score after every modify, in natural units. Empty without modifies.
  std::function<Halide::Expr(Halide::Expr score, Pair)> modify;
  /// Whether the pair counts. Empty without a mask.
  std::function<Halide::Expr(Pair)> keep;
  /// Ranges for queries first..last (inclusive). Empty without a mask.
  std::function<KeyRanges(Halide::Expr batch, Halide::Expr head, Halide::Expr first,
                          Halide::Expr last)>
      ranges;
  /// Of queries first..last and keys firstKey..lastKey (inclusive). Empty without a mask.
  std::function<BlockStatus(Halide::Expr batch, Halide::Expr head, Halide::Expr first,
                            Halide::Expr last, Halide::Expr firstKey, Halide::Expr lastKey)>
      status;
  bool leavesUndecided = false;       ///< ranges do, much that the status decides
  std::vector<SegmentTable> segments; ///< tables that the regions read

  /// Of the dot product: columns, or pairs of them.
  int dotSteps() const { return order == DotOrder::Columns ? dim : dim / 2; }
  /// Dot products are had in the normalizer's unit right away where no modify sees them.
  bool isInUnit() const { return !modify && !term; }
  double dotFactor() const { return scale * (isInUnit() ? unit : 1.0); }
  /// Queries are multiplied by it, but for bfloat16: then scores are, and products are exact.
  double queryFactor() const { return order == DotOrder::Columns ? dotFactor() : 1; }
  /// `sum`, of a query's and a key's products.
  Halide::Expr dotOf(Halide::Expr sum) const {
    return order == DotOrder::Columns ? sum : sum * Halide::Internal::make_const(type, dotFactor());
  }

  double unit = 1; ///< scores times this are what the normalizer sees
  NormalizerProgram normalizer;
  bool pairsWeights = false; ///< may be rounded to bfloat16, and multiplied by two values at once
  bool isPartial = false;    ///< the output is the unfinished state
  std::function<Halide::Expr(Halide::Expr)> stored; ///< a number as the output's tensor holds it
};

} // namespace heed
