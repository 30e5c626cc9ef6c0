// The arguments of a call once they are known to fit the kernel: plain numbers, nothing left to
// doubt.
#pragma once

#include <heed/kernel.h>

#include <cstdint>

namespace heed {

/// What a kernel's table may have at most; heed_call works on the stack within these.
constexpr uint32_t maxRank = 8, maxArguments = 64, maxSymbols = 64;

struct Tensor {
  const heed_argument *argument;
  uint32_t device;  ///< DLDeviceType
  uint64_t handle;  ///< of the memory on a device, 0 on the CPU
  uint8_t *address; ///< of element (0, ..., 0); on a device counted from the memory's begin
  int64_t elements;
  int64_t elementBytes;
  int64_t extents[maxRank]; ///< in the tensor's order
  int64_t strides[maxRank]; ///< in elements; 0 where the extent is below 2 or the tensor is empty
  uintptr_t low, high; ///< the bytes from the lowest element to the end of the highest: [low, high)
};

struct Arguments {
  Tensor tensors[maxArguments];
  int64_t symbols[maxSymbols];     ///< extents
  const char *boundBy[maxSymbols]; ///< the argument that gave the extent, NULL before

  /// The extent behind a code of heed_argument.shape.
  int64_t extent(int64_t code) const { return code >= 0 ? code : symbols[-code - 1]; }
};

} // namespace heed
