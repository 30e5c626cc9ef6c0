// Where the module comes from.
#pragma once

#include "tools/heedc/CommandLine.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"

namespace heed {

/// Parses the file, or builds the presets' kernel, and verifies it. `sources` keeps the text for
/// later diagnostics.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
loadModule(const CommandLine &line, mlir::MLIRContext &context, llvm::SourceMgr &sources);

/// What the manifest calls the input: "alibi.mlir", "preset causal,alibi".
std::string sourceName(const CommandLine &line);

/// --list-presets.
std::string presetList();

} // namespace heed
