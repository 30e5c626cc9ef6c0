// Queries, keys and values: how they are loaded, and the kernels that put past and new ones
// together.
#pragma once

#include "compiler/import/Description.h"
#include "compiler/import/KernelWriter.h"

namespace heed::onnx {

/// (batch, positions, heads, dim); batches and lengths are those of the call, unless given.
llvm::SmallVector<int64_t> shapeOf(const Rows &rows,
                                   int64_t positions = mlir::ShapedType::kDynamic);

/// The rows as an operand: `tensor`, or what rotary positions make of it.
mlir::Value writeOperand(KernelWriter &kernel, const Attention &attention, const Rows &rows,
                         mlir::Value tensor);

/// The counts of keys as an argument.
mlir::Value countsArgument(KernelWriter &kernel, const Attention &attention);

/// The number of keys that count in `batch`, from the captured counts.
mlir::Value writeCount(Body &body, const Attention &attention, mlir::Value counts,
                       mlir::Value batch);

/// The place of the first of `queries`, by the captured counts: CountLessQueries or Appended.
mlir::Value writeFirstPlace(Body &body, const Attention &attention, mlir::Value counts,
                            mlir::Value batch, mlir::Value queries);

/// A kernel `name` that makes the present of `past` and `fresh`.
void writePresent(const Attention &attention, const Rows &past, const Rows &fresh,
                  llvm::StringRef name, mlir::ModuleOp module, mlir::Type number);

} // namespace heed::onnx
