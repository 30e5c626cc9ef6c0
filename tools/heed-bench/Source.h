// The kernels that cases run, as one module.
#pragma once

#include "tools/heed-bench/Cases.h"
#include "tools/measure/Kernels.h"

#include "llvm/Support/SourceMgr.h"

namespace heed::bench {

/// Every kernel that `cases`, all of presets, run.
llvm::Expected<measure::Kernels> kernelsOf(llvm::ArrayRef<Case> cases, mlir::MLIRContext &context);

/// The kernels of a user's file.
llvm::Expected<measure::Kernels> kernelsOf(const std::string &file, mlir::MLIRContext &context,
                                           llvm::SourceMgr &sources);

/// A case on these extents for every kernel of `file`.
std::vector<Case> casesOf(const std::string &file, const measure::Kernels &kernels,
                          const measure::Extents &extents);

/// Adds to every case the extents that it leaves to the kernel's defaults. An error where no kernel
/// has one of those that are given, or where they don't fit.
llvm::Error completeExtents(llvm::MutableArrayRef<Case> cases, const measure::Kernels &kernels);

} // namespace heed::bench
