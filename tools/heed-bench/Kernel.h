// The kernels that the cases run, compiled and loaded as a program would have them: from one shared
// library.
#pragma once

#include "compiler/dialect/Attn.h"
#include "compiler/emit/PlanFile.h"
#include "tools/heed-bench/Data.h"
#include "tools/heed-bench/Progress.h"

#include <heed/heed.h>

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed::bench {

struct Kernel {
  mlir::OwningOpRef<mlir::ModuleOp>
      described; ///< as the presets gave it: what the reference computes
  mlir::OwningOpRef<mlir::ModuleOp> compiled; ///< after all passes
  Signature signature;
  void *entry = nullptr; ///< the C function

  attn::KernelOp description() const { return only(described); }
  attn::KernelOp compilation() const { return only(compiled); }

private:
  static attn::KernelOp only(const mlir::OwningOpRef<mlir::ModuleOp> &module) {
    return *mlir::ModuleOp(*module).getOps<attn::KernelOp>().begin();
  }
};

/// All kernels of one run share a library, and so one pool of threads. It stays loaded until the
/// process ends, as its threads do.
class KernelLibrary {
public:
  /// Compiles every kernel that `cases` run, for one target; objects come from the kernel cache
  /// where it has them.
  static llvm::Expected<KernelLibrary> build(mlir::MLIRContext &context, llvm::ArrayRef<Case> cases,
                                             const TargetInfo &target, PlanFile &plans,
                                             Progress &progress);

  const Kernel &kernelOf(const Case &c) const { return kernels.at(kernelName(c)); }

  /// heed_set_threads.
  void setThreads(int threads) const { setThreadsFunction(threads); }

  /// Runs the kernel on its arguments. An error holds the runtime's message.
  llvm::Error call(const Kernel &kernel, llvm::ArrayRef<const DLTensor *> arguments) const;

private:
  std::map<std::string, Kernel> kernels; ///< by name
  decltype(&heed_set_threads) setThreadsFunction = nullptr;
  decltype(&heed_last_error) lastError = nullptr;

  llvm::Error load(llvm::StringRef sharedLibrary);
};

} // namespace heed::bench
