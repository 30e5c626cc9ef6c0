// Merging and finishing the states that attn.partial gives: rows of unfinished columns, then the
// normalizer's state values.
#pragma once

#include "compiler/graph/NormalizerProgram.h"

#include <functional>

namespace heed {

/// A merge, a finish, or a finish of a merge, free of MLIR.
struct MergeProgram {
  /// Element of a state: a slot of the row of a query.
  using State = std::function<Halide::Expr(Halide::Expr slot, const RowPosition &row)>;
  State first, second; ///< `second` is empty where nothing is merged
  OnlineNormalizer normalizer;
  bool finishes = false, wantLogSumExp = false;
  int columns = 0; ///< without the state values
  Halide::Expr batch, queries, heads;
  std::function<Halide::Expr(Halide::Expr)> stored; ///< a number as the output's tensor holds it
};

/// The graph. What a row's columns are multiplied by is computed once a row.
struct MergeStages {
  Halide::Func merged; ///< (head, query, batch) Tuple: the state values, then the factors of the
                       ///< first and second columns; undefined where nothing is merged
  Halide::Func final;  ///< (head, query, batch) Tuple: the final factor, and the log-sum-exp if the
                       ///< normalizer has one; undefined where nothing is finished
  Halide::Func output; ///< (slot, head, query, batch); with the log-sum-exp a Tuple, constant along
                       ///< slot
  int slots;           ///< of the output
};

MergeStages buildMerge(const MergeProgram &program);

} // namespace heed
