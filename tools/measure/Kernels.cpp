#include "tools/measure/Kernels.h"
#include "compiler/emit/Errors.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/Pass/PassManager.h"

namespace heed::measure {

llvm::Expected<Kernels> Kernels::prepare(mlir::OwningOpRef<mlir::ModuleOp> described) {
  Kernels result;
  result.describedModule = std::move(described);
  result.compiledModule = mlir::OwningOpRef<mlir::ModuleOp>(
      mlir::cast<mlir::ModuleOp>((*result.describedModule)->clone()));
  mlir::PassManager passes(result.compiled()->getName());
  buildPipeline(passes);
  if (failed(passes.run(result.compiled())))
    return llvm::make_error<Reported>();
  for (auto kernel : (*result.describedModule).getOps<attn::KernelOp>()) {
    mlir::FailureOr<Signature> signature = kernelSignature(kernel);
    if (failed(signature))
      return llvm::make_error<Reported>();
    auto compiled = result.compiled().lookupSymbol<attn::KernelOp>(kernel.getSymName());
    result.kernels.push_back({kernel, compiled, std::move(*signature)});
  }
  return result;
}

const Kernel &Kernels::named(llvm::StringRef name) const {
  return *llvm::find_if(kernels,
                        [&](const Kernel &kernel) { return kernel.signature.name == name; });
}

} // namespace heed::measure
