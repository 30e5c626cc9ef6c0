#include "tools/heed-bench/Source.h"
#include "compiler/dialect/presets/Presets.h"
#include "compiler/emit/Errors.h"
#include "tools/ModuleFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

namespace heed::bench {

llvm::Expected<measure::Kernels> kernelsOf(llvm::ArrayRef<Case> cases, mlir::MLIRContext &context) {
  auto all =
      mlir::OwningOpRef<mlir::ModuleOp>(mlir::ModuleOp::create(mlir::UnknownLoc::get(&context)));
  llvm::StringSet<> names;
  for (const Case &c : cases) {
    if (!names.insert(kernelName(c)).second)
      continue;
    auto module = buildPreset(context, {.name = kernelName(c),
                                        .components = c.components,
                                        .headDim = c.extents.at("d"),
                                        .dtype = c.dtype});
    if (!module)
      return userError(llvm::toString(module.takeError()));
    for (auto kernel : (**module).getOps<attn::KernelOp>())
      all->push_back(kernel->clone());
  }
  return measure::Kernels::prepare(std::move(all));
}

llvm::Expected<measure::Kernels> kernelsOf(const std::string &file, mlir::MLIRContext &context,
                                           llvm::SourceMgr &sources) {
  auto module = readModule(file, context, sources);
  if (!module)
    return module.takeError();
  auto kernels = measure::Kernels::prepare(std::move(*module));
  if (kernels && kernels->all().empty())
    return userError(file + ": there is no attn.kernel in it");
  return kernels;
}

std::vector<Case> casesOf(const std::string &file, const measure::Kernels &kernels,
                          const measure::Extents &extents) {
  std::vector<Case> cases;
  for (const measure::Kernel &kernel : kernels.all())
    cases.push_back({.name = kernel.signature.name,
                     .components = {},
                     .dtype = {},
                     .extents = extents,
                     .file = file});
  return cases;
}

llvm::Error completeExtents(llvm::MutableArrayRef<Case> cases, const measure::Kernels &kernels) {
  for (Case &c : cases) {
    for (const auto &[name, extent] : c.extents) {
      auto has = [&](const measure::Kernel &kernel) {
        return llvm::is_contained(kernel.signature.symbols, name);
      };
      if (llvm::none_of(kernels.all(), has) && (name != "d" || !c.file.empty()))
        return userError("--shape: no kernel has an extent '" + name + "'");
    }
    auto shapes = measure::Shapes::resolve(kernels.named(kernelName(c)).signature, c.extents);
    if (!shapes)
      return userError(c.name + ": " + llvm::toString(shapes.takeError()));
    measure::Extents all = shapes->extents();
    c.extents.merge(all);
  }
  return llvm::Error::success();
}

} // namespace heed::bench
