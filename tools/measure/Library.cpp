#include "tools/measure/Library.h"
#include "compiler/emit/Compile.h"
#include "compiler/emit/EntryObject.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Programs.h"
#include "compiler/emit/SelfContained.h"

#include <dlfcn.h>

namespace heed::measure {
namespace {

llvm::Expected<Library> compile(llvm::ArrayRef<PlannedKernel> planned, Progress &progress) {
  Cache cache(Cache::defaultFolder());
  int number = 0;
  auto announce = [&](const PlannedKernel &kernel) {
    progress.step("compiling " + attn::KernelOp(kernel.kernel).getSymName() + ", " +
                  llvm::Twine(++number) + " of " + llvm::Twine(planned.size()) + " variants");
  };
  llvm::Expected<Library> library = compileLibrary(planned, cache, /*phases=*/nullptr, announce);
  if (library)
    library->name = "measured";
  return library;
}

using Arguments = llvm::ArrayRef<const DLTensor *>;

constexpr size_t mostArguments = 24;

/// Calls a C function of as many tensors as there are in `tensors` and then in `rest`.
template <typename... T> heed_status callEntry(void *entry, Arguments rest, T... tensors) {
  if (rest.empty())
    return reinterpret_cast<heed_status (*)(T...)>(entry)(tensors...);
  if constexpr (sizeof...(T) < mostArguments)
    return callEntry(entry, rest.drop_front(), tensors..., rest.front());
  llvm_unreachable("call() has counted them");
}

} // namespace

llvm::Expected<std::string> compileShared(mlir::ModuleOp compiled, const TargetInfo &target,
                                          PlanSources &plans, Progress &progress) {
  auto planned = planKernels(compiled, target, plans);
  if (!planned)
    return planned.takeError();
  llvm::Expected<Library> library = compile(*planned, progress);
  if (!library)
    return library.takeError();
  auto objects = libraryObjects(*library);
  if (!objects)
    return objects.takeError();
  llvm::Expected<std::string> runtime = findRuntime();
  if (!runtime)
    return runtime.takeError();
  return emitSharedLibrary(*library, *objects, *runtime);
}

llvm::Expected<LoadedLibrary> LoadedLibrary::load(llvm::StringRef sharedLibrary) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return error;
  if (llvm::Error error = folder.write("measured.so", sharedLibrary))
    return error;
  LoadedLibrary library;
  library.handle = dlopen(folder.file("measured.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library.handle)
    return userError(llvm::Twine("cannot load the compiled kernels: ") + dlerror() +
                     "; set TMPDIR to a folder that programs may be run from");
  auto find = [&](auto &function, const char *name) {
    function =
        reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library.handle, name));
  };
  find(library.setThreadsFunction, "heed_set_threads");
  find(library.lastError, "heed_last_error");
  find(library.deviceAllocate, "heed_device_allocate");
  find(library.deviceCopy, "heed_device_copy");
  find(library.deviceFree, "heed_device_free");
  return library;
}

llvm::Error LoadedLibrary::call(const std::string &kernel, Arguments arguments) const {
  if (arguments.size() > mostArguments)
    return userError(kernel + " takes " + llvm::Twine(arguments.size()) +
                     " tensors; kernels of at most " + llvm::Twine(mostArguments) +
                     " can be measured");
  return errorOf(callEntry(dlsym(handle, kernel.c_str()), arguments));
}

llvm::Error LoadedLibrary::errorOf(heed_status status) const {
  return status == HEED_OK ? llvm::Error::success() : userError(lastError());
}

static llvm::Error noDevice() { return userError("the library was compiled for no device"); }

llvm::Error LoadedLibrary::allocate(DLTensor &onDevice) const {
  return deviceAllocate ? errorOf(deviceAllocate(&onDevice)) : noDevice();
}

llvm::Error LoadedLibrary::copy(const DLTensor &from, DLTensor &to) const {
  return deviceCopy ? errorOf(deviceCopy(&from, &to)) : noDevice();
}

void LoadedLibrary::free(DLTensor &onDevice) const {
  if (deviceFree)
    deviceFree(&onDevice);
}

} // namespace heed::measure
