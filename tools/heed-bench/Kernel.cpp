#include "tools/heed-bench/Kernel.h"
#include "compiler/dialect/presets/Presets.h"
#include "compiler/emit/Compile.h"
#include "compiler/emit/EntryObject.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Programs.h"
#include "compiler/emit/SelfContained.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/Pass/PassManager.h"

#include <dlfcn.h>

namespace heed::bench {
namespace {

llvm::Expected<Kernel> describe(mlir::MLIRContext &context, const Case &c) {
  auto described =
      buildPreset(context, {.name = kernelName(c), .components = c.components, .headDim = c.dim});
  if (!described)
    return userError(llvm::toString(described.takeError()));
  Kernel kernel;
  kernel.described = std::move(*described);
  kernel.compiled =
      mlir::OwningOpRef<mlir::ModuleOp>(mlir::cast<mlir::ModuleOp>((*kernel.described)->clone()));
  mlir::PassManager passes(kernel.compiled.get()->getName());
  buildPipeline(passes);
  mlir::FailureOr<Signature> signature = kernelSignature(kernel.description());
  if (failed(passes.run(*kernel.compiled)) || failed(signature))
    return llvm::make_error<Reported>();
  kernel.signature = std::move(*signature);
  return kernel;
}

/// Compiles one after the other, to say how far it is.
llvm::Expected<Library> compile(llvm::MutableArrayRef<PlannedKernel> planned, Progress &progress) {
  Cache cache(Cache::defaultFolder());
  Library library{.name = "bench", .source = "heed-bench", .entries = {}};
  for (PlannedKernel &kernel : planned) {
    progress.step("compiling " + kernel.kernel.getSymName() + ", " +
                  llvm::Twine(library.entries.size() + 1) + " of " + llvm::Twine(planned.size()) +
                  " kernels");
    llvm::Expected<Library> one = compileLibrary(kernel, cache, /*phases=*/nullptr);
    if (!one)
      return one.takeError();
    llvm::append_range(library.entries, one->entries);
  }
  return library;
}

llvm::Expected<std::string> link(const Library &library) {
  auto objects = libraryObjects(library);
  if (!objects)
    return objects.takeError();
  llvm::Expected<std::string> runtime = findRuntime();
  if (!runtime)
    return runtime.takeError();
  return emitSharedLibrary(library, *objects, *runtime);
}

using Arguments = llvm::ArrayRef<const DLTensor *>;

/// Calls a C function of as many tensors as there are in `tensors` and then in `rest`.
template <typename... T> heed_status callEntry(void *entry, Arguments rest, T... tensors) {
  if (rest.empty())
    return reinterpret_cast<heed_status (*)(T...)>(entry)(tensors...);
  if constexpr (sizeof...(T) < 8) // query, key, value, output, and no preset has more than one
    return callEntry(entry, rest.drop_front(), tensors..., rest.front());
  llvm_unreachable("a kernel with more arguments than all presets together have");
}

} // namespace

llvm::Expected<KernelLibrary> KernelLibrary::build(mlir::MLIRContext &context,
                                                   llvm::ArrayRef<Case> cases,
                                                   const TargetInfo &target, PlanFile &plans,
                                                   Progress &progress) {
  KernelLibrary result;
  mlir::OwningOpRef<mlir::ModuleOp> all = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  for (const Case &c : cases) {
    if (result.kernels.contains(kernelName(c)))
      continue;
    llvm::Expected<Kernel> kernel = describe(context, c);
    if (!kernel)
      return kernel.takeError();
    all->push_back(kernel->compilation()->clone());
    result.kernels.emplace(kernelName(c), std::move(*kernel));
  }
  auto planned = planKernels(*all, target, plans);
  if (!planned)
    return planned.takeError();
  llvm::Expected<Library> library = compile(*planned, progress);
  if (!library)
    return library.takeError();
  llvm::Expected<std::string> shared = link(*library);
  if (!shared)
    return shared.takeError();
  if (llvm::Error error = result.load(*shared))
    return error;
  return result;
}

llvm::Error KernelLibrary::load(llvm::StringRef sharedLibrary) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return error;
  if (llvm::Error error = folder.write("bench.so", sharedLibrary))
    return error;
  void *library = dlopen(folder.file("bench.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return userError(llvm::Twine("cannot load the compiled kernels: ") + dlerror() +
                     "; set TMPDIR to a folder that programs may be run from");
  for (auto &[name, kernel] : kernels)
    kernel.entry = dlsym(library, name.c_str());
  setThreadsFunction =
      reinterpret_cast<decltype(setThreadsFunction)>(dlsym(library, "heed_set_threads"));
  lastError = reinterpret_cast<decltype(lastError)>(dlsym(library, "heed_last_error"));
  return llvm::Error::success();
}

llvm::Error KernelLibrary::call(const Kernel &kernel, Arguments arguments) const {
  if (callEntry(kernel.entry, arguments) == HEED_OK)
    return llvm::Error::success();
  return userError(lastError());
}

} // namespace heed::bench
