// Where a model's weights and activations lie, and its kernels run.
#pragma once

#include "models/common/Result.h"

#include <string_view>

namespace heed {

/// The CPU unless found by another name.
class Device {
public:
  Device() = default;
  /// "cpu", "opencl", "cuda". An error where there is no device of the kind, no driver for it or no
  /// kernel in this program: HEED_NO_DEVICE; or no such kind: HEED_WRONG_VALUE.
  static Result<Device> find(std::string_view name);

  bool isCpu() const { return type == kDLCPU; }
  DLDevice place() const { return {type, 0}; }
  const char *name() const;

private:
  explicit Device(DLDeviceType type) : type(type) {}
  DLDeviceType type = kDLCPU;
};

} // namespace heed
