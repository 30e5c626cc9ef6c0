// A kernel on some of its queries: checking a few rows takes a moment where all would take minutes.
#pragma once

#include "compiler/dialect/Attn.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed::bench {

/// A module with `kernel` for a query tensor that holds only the queries [first, ...) of `queries`:
/// in its bodies, positions, lengths and offsets are still those of the whole. For kernels without
/// query lengths and offsets as arguments.
mlir::OwningOpRef<mlir::ModuleOp> sliceQueries(attn::KernelOp kernel, int64_t first,
                                               int64_t queries);

} // namespace heed::bench
