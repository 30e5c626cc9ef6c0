// ONNX models as attn IR: docs/onnx.md says what is read and what becomes of it.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace heed {

/// A module with the kernels of the file's one attention operator; the first computes its output
/// and is called after the file. Errors name the file, the node and what of it is not as it has to
/// be.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(llvm::MemoryBufferRef file,
                                                             mlir::MLIRContext &context);

} // namespace heed
