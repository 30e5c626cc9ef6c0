// Kernels of one module, as described and as compiled.
#pragma once

#include "compiler/dialect/Signature.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed::measure {

struct Kernel {
  attn::KernelOp described; ///< what the reference computes
  attn::KernelOp compiled;  ///< after all passes
  Signature signature;
};

class Kernels {
public:
  /// Runs the passes on a copy of `described`.
  static llvm::Expected<Kernels> prepare(mlir::OwningOpRef<mlir::ModuleOp> described);

  llvm::ArrayRef<Kernel> all() const { return kernels; } ///< in the module's order
  const Kernel &named(llvm::StringRef name) const;       ///< there is one
  mlir::ModuleOp compiled() const { return *compiledModule; }

private:
  mlir::OwningOpRef<mlir::ModuleOp> describedModule, compiledModule;
  std::vector<Kernel> kernels;
};

} // namespace heed::measure
