// Regions as Halide expressions: what kernels are built from.
//
// f32 is Float(32), f64 Float(64), i1 is Bool, and index, i32 and i64 are Int(32): extents, lengths
// and indices are below 2^31, which the runtime checks. Division truncates as arith.divsi does, and
// gives 0 by 0.
//
// NaN: functions, comparisons, maximum and minimum see it and give what MLIR says. Sums and
// products carry it as the hardware does, although Halide lets LLVM assume there is none.
#pragma once

#include "compiler/evaluate/Context.h"

#include "Halide.h"

namespace heed {

/// The values that `region` yields for the expressions `parameters` of its arguments before the
/// captures, or those `wanted` of its values. `load` and the lengths of `context` may give any
/// integer type, and UInt(8) for an i1 tensor.
mlir::FailureOr<llvm::SmallVector<Halide::Expr>> evaluate(mlir::Region &region,
                                                          llvm::ArrayRef<Halide::Expr> parameters,
                                                          const Context<Halide::Expr> &context,
                                                          mlir::ValueRange wanted = {});

} // namespace heed
