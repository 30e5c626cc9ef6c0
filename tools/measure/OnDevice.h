// Arguments of a call that runs on a device.
#pragma once

#include "tools/measure/Data.h"
#include "tools/measure/Library.h"

namespace heed::measure {

/// Copies of a call's arguments on a device, in the layout that they have on the CPU.
class OnDevice {
public:
  /// On device 0 of this type, by the driver of `library`, which stays as long as this does. Errors
  /// are the runtime's: no driver, no device, no memory.
  static llvm::Expected<std::unique_ptr<OnDevice>>
  copyOf(const Data &data, const LoadedLibrary &library, DLDeviceType device);
  OnDevice(const OnDevice &) = delete;
  ~OnDevice();

  llvm::ArrayRef<const DLTensor *> arguments() const { return pointers; }
  /// Until every call has written its outputs: it reads one number back, and copies wait for all
  /// that was asked of the device before.
  llvm::Error wait() const;
  /// Outputs as they are now, into those of the data that were copied.
  llvm::Error copyBack() const;

private:
  OnDevice(const Data &data, const LoadedLibrary &library) : data(data), library(library) {}

  const Data &data;
  const LoadedLibrary &library;
  std::vector<DLTensor> all;
  std::vector<const DLTensor *> pointers; ///< to `all`
};

} // namespace heed::measure
