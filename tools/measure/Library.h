// Kernels compiled, linked with the runtime and loaded: called as a program would call them.
#pragma once

#include "compiler/emit/PlanSources.h"
#include "tools/measure/Kernels.h"
#include "tools/measure/Progress.h"

#include <heed/device.h>
#include <heed/heed.h>

namespace heed::measure {

/// The bytes of a shared library with every kernel of `compiled`, a module after all passes, for
/// one target. Objects come from the kernel cache where it has them.
llvm::Expected<std::string> compileShared(mlir::ModuleOp compiled, const TargetInfo &target,
                                          PlanSources &plans, Progress &progress);

/// A shared library in this process, with one pool of threads. It stays until the process ends, as
/// its threads do.
class LoadedLibrary {
public:
  static llvm::Expected<LoadedLibrary> load(llvm::StringRef sharedLibrary);

  /// heed_set_threads.
  void setThreads(int threads) const { setThreadsFunction(threads); }

  /// Runs the kernel of this name, which the library has, on its arguments. An error holds the
  /// runtime's message.
  llvm::Error call(const std::string &kernel, llvm::ArrayRef<const DLTensor *> arguments) const;

  /// heed_device_allocate, heed_device_copy and heed_device_free. Errors where the library is for
  /// no device.
  llvm::Error allocate(DLTensor &onDevice) const;
  llvm::Error copy(const DLTensor &from, DLTensor &to) const;
  void free(DLTensor &onDevice) const;

private:
  void *handle = nullptr;
  decltype(&heed_set_threads) setThreadsFunction = nullptr;
  decltype(&heed_last_error) lastError = nullptr;
  decltype(&heed_device_allocate) deviceAllocate = nullptr;
  decltype(&heed_device_copy) deviceCopy = nullptr;
  decltype(&heed_device_free) deviceFree = nullptr;

  llvm::Error errorOf(heed_status status) const;
};

} // namespace heed::measure
