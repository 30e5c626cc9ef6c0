// What the readers of operators share.
#pragma once

#include "compiler/import/Description.h"

namespace heed::onnx {

/// The input `formal` as rows, through a RotaryEmbedding where one makes it. `heads` is needed
/// where the tensor has rank 3.
Rows readRows(Node &node, llvm::StringRef formal, std::optional<int64_t> heads);

/// The same, for an input that the operator can do without.
std::optional<Rows> readOptionalRows(Node &node, llvm::StringRef formal,
                                     std::optional<int64_t> heads);

/// How many keys there are: past and new.
Extent allKeys(const Attention &attention);

/// The input `formal` with axes for these, checked against the extents of query and keys. An axis
/// of extent 1 is the same for all, where `axes` don't end in it.
std::optional<ScoreTensor> readScoreTensor(Node &node, llvm::StringRef formal,
                                           const Attention &attention, llvm::ArrayRef<Axis> axes);

/// past_key, past_value, present_key and present_value; both of a pair or none.
void readCache(Node &node, Attention &attention);

/// Where the first query stands without a count of keys: 0, or after the past.
FirstPlace placeAfterPast(Node &node, const Attention &attention);

} // namespace heed::onnx
