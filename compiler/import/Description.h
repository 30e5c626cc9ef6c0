// What an attention operator computes, whichever operator set it is from: readers of operators fill
// it in, WriteAttention.cpp makes attn IR of it.
#pragma once

#include "compiler/import/Node.h"

#include "mlir/IR/BuiltinOps.h"

namespace heed::onnx {

/// Rotary positions (Su et al. 2021): pairs of the first `dim` columns are rotated by the angles of
/// their position. The tables are (any, dim / 2) and `positions` (batch, position) picks their
/// rows, or (batch, position, dim / 2); or, where `byPlace` says so, (any, dim / 2) with a row for
/// each place among the keys.
struct Rotary {
  Tensor cosines, sines;
  std::optional<Tensor> positions;
  bool byPlace = false;
  int64_t dim = 0;
  bool interleaved = false; ///< pairs are neighbours, not halves
};

/// Queries, keys or values. ONNX has them as (batch, heads, positions, dim) or as (batch,
/// positions, heads * dim); kernels take either as (batch, positions, heads, dim).
struct Rows {
  Tensor tensor;
  Extent batch, positions;
  int64_t heads = mlir::ShapedType::kDynamic, dim = 1;
  std::optional<Rotary> rotary;
};

/// What an axis of a tensor beside the scores stands for; One: it is the same for all.
enum class Axis { Batch, Head, Query, Key, One };

/// A tensor that says something of each pair.
struct ScoreTensor {
  Tensor tensor;
  llvm::SmallVector<Axis> axes;
  /// Keys from here on have no element, and don't count.
  std::optional<int64_t> keys;
};

/// How many keys of each batch entry count: an element of the tensor (batch) plus `more`.
struct KeyCounts {
  Tensor tensor;
  int64_t more = 0;
};

/// The place of a batch entry's first query among its keys. CountLessQueries: the new keys are the
/// last of those that count; Appended: as that, but at least 0 (prompts of different lengths,
/// padded at their ends).
struct FirstPlace {
  enum Kind { Zero, Fixed, KeysLessQueries, CountLessQueries, Appended } kind = Zero;
  int64_t fixed = 0;
};

/// The stage at which scores are a result.
enum class Stage { Score, Capped, Masked, Weights };

struct Attention {
  Rows query, key, value;
  /// Where there is a past, keys and values are what it and the new ones make together. They follow
  /// it, or where the place is Appended they overwrite it from their place on.
  std::optional<Rows> pastKey, pastValue;
  std::string presentKey, presentValue;
  std::optional<double> scale;
  std::optional<double> cap;
  std::optional<ScoreTensor> bias, keep; ///< added to the scores; not 0 where a pair counts
  std::optional<KeyCounts> keyCounts;
  FirstPlace firstPlace;
  std::optional<int64_t> left, right; ///< keys before and after a query's place that it sees
  std::optional<Stage> scores;
};

/// Checks what kernels ask of any attention operator: mistakes are the node's.
void check(Node &node, const Attention &attention);

/// Appends the kernels to the module: the presents', and then `name`.
void writeKernels(const Attention &attention, llvm::StringRef name, mlir::ModuleOp module);

} // namespace heed::onnx
