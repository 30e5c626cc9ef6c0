#include "models/common/Device.h"
#include "models/common/Buffer.h"

#include <fmt/format.h>

namespace heed {

namespace {

constexpr std::pair<const char *, DLDeviceType> kinds[] = {
    {"cpu", kDLCPU}, {"opencl", kDLOpenCL}, {"cuda", kDLCUDA}};

} // namespace

const char *Device::name() const {
  for (auto [name, kind] : kinds)
    if (kind == type)
      return name;
  return "";
}

Result<Device> Device::find(std::string_view name) {
  for (auto [known, kind] : kinds) {
    if (name != known)
      continue;
    Device device(kind);
    Buffer<float> trial; // to hear of what is missing before any work is done
    if (Status status = trial.reserve(device, 1); !status)
      return status.error();
    return device;
  }
  return Error{HEED_WRONG_VALUE,
               fmt::format("there is no device '{}'; known: cpu, opencl, cuda", name)};
}

} // namespace heed
