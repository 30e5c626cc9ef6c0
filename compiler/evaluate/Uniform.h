// What a mask computes from neither the query nor the key, and how large expressions are: what its
// ranges and its status are written with.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/evaluate/LinearForm.h"

#include "mlir/IR/IRMapping.h"

#include "llvm/ADT/DenseMap.h"

namespace heed {

/// Copies into `block` what depends on neither query nor key: lengths, and what is computed from
/// them, the batch entry, the head and captures alone. `block` begins with batch and head and ends
/// with the captures.
mlir::IRMapping copyUniform(attn::MaskOp mask, mlir::Block *block);

/// The integer as an index.
mlir::Value asIndex(mlir::Value integer);

/// The operations of a value written out as a tree, as who has no names for shared parts sees it.
class TreeSize {
public:
  int64_t of(mlir::Value value);

private:
  llvm::DenseMap<mlir::Operation *, int64_t> sizes;
};

} // namespace heed
