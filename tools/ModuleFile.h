// A user's description, from its file.
#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"

namespace heed {

/// Parses a file of attn IR, or an ONNX model (NAME.onnx), and verifies it; "-" is standard input.
/// `sources` keeps the text for later diagnostics.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
readModule(const std::string &path, mlir::MLIRContext &context, llvm::SourceMgr &sources);

} // namespace heed
