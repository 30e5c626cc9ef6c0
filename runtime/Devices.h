// Devices that are not the CPU: what the runtime asks of Halide's driver interfaces. These come
// with a library that has kernels for the device, so a program without any links none.
#pragma once

#include "runtime/Arguments.h"

#include <HalideRuntime.h>

namespace heed {

/// One kind of device. Everything returns 0 or a code of Halide's; deviceFailure says what is
/// wrong.
struct DeviceApi {
  uint32_t type; ///< DLDeviceType
  const char *name;
  const halide_device_interface_t *(*interface)();
  int (*wrap)(void *context, halide_buffer_t *buffer, uint64_t handle);
  int (*unwrap)(void *context, halide_buffer_t *buffer);
  uintptr_t (*handleOf)(void *context, halide_buffer_t *buffer);
};

/// NULL for the CPU and for devices that no kernel of this program is for.
const DeviceApi *findDevice(uint32_t type);
/// "OpenCL"; NULL for what Heed has no kernels for.
const char *deviceName(uint32_t type);

/// Before calls of the driver interface, from this thread: forgets what went wrong before.
void watchDevice();
/// What has gone wrong since then, as a status and a message; HEED_OK where nothing has. `error` is
/// what the last call returned, `who` stands in front of the message.
heed_status deviceFailure(int error, const char *who);

/// Lets code that Halide's own runtime runs, where one is linked, use Heed's threads and
/// workspaces.
void adoptHalideRuntime();

/// `tensor`'s elements as the CPU sees them, for as long as this lives.
class HostCopy {
public:
  /// `who` stands in front of a message.
  HostCopy(const char *who, const Tensor &tensor);
  HostCopy(const HostCopy &) = delete;
  ~HostCopy();
  /// Whether there was no memory or the device failed.
  heed_status status() const { return failure; }
  const Tensor &get() const { return copy; }

private:
  Tensor copy;
  heed_status failure = HEED_OK;
};

/// A buffer of generated code around a tensor's memory on a device.
int wrapTensor(const Tensor &tensor, halide_buffer_t &buffer);
void unwrapTensor(const Tensor &tensor, halide_buffer_t &buffer);

} // namespace heed
