// Memory of the device a model runs on. Where that is the CPU, nothing is copied that need not be;
// elsewhere copies are made by heed_device_copy, and only by the functions here that say so.
#pragma once

#include "models/common/Tensor.h"

#include <heed/device.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

namespace heed {

inline Error outOfMemory() { return {HEED_OUT_OF_MEMORY, "out of memory"}; }

/// Memory that grows and never shrinks; on the CPU aligned to cache lines.
template <typename T> class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept { *this = std::move(other); }
  Buffer &operator=(Buffer &&other) noexcept {
    std::swap(elements, other.elements);
    std::swap(capacity, other.capacity);
    return *this;
  }
  ~Buffer() { release(); }

  /// Room for `count` elements on `device`; what was there is lost when it grows.
  Status reserve(const Device &device, size_t count) {
    if (elements.memory && count <= capacity)
      return success();
    release();
    elements.device = device;
    if (device.isCpu()) {
      size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
      elements.memory = static_cast<T *>(std::aligned_alloc(alignment, bytes));
      if (!elements.memory)
        return outOfMemory();
    } else {
      Tensor all(elements, {int64_t(count)});
      if (heed_status status = heed_device_allocate(all))
        return Error{status, heed_last_error()};
      elements.memory = static_cast<T *>(static_cast<DLTensor *>(all)->data);
    }
    capacity = count;
    return success();
  }

  Elements<T> data() { return elements; }
  Elements<const T> data() const { return elements; }

  /// Room for the elements of `from`, in CPU memory, and these in it.
  Status assign(const Device &device, std::span<const T> from) {
    if (Status status = reserve(device, from.size()); !status)
      return status;
    if (!device.isCpu())
      return copy(Tensor(from.data(), {int64_t(from.size())}), view(from.size()));
    std::copy(from.begin(), from.end(), elements.memory);
    return success();
  }
  /// The first elements, to CPU memory.
  Status copyTo(std::span<T> to) const {
    if (!elements.device.isCpu())
      return copy(view(to.size()), Tensor(to.data(), {int64_t(to.size())}));
    std::copy_n(elements.memory, to.size(), to.data());
    return success();
  }

private:
  static constexpr size_t alignment = 64;
  Elements<T> elements;
  size_t capacity = 0;

  Tensor view(size_t count) const { return Tensor(elements, {int64_t(count)}); }
  static Status copy(Tensor from, Tensor to) {
    if (heed_status status = heed_device_copy(from, to))
      return Error{status, heed_last_error()};
    return success();
  }
  void release() {
    if (elements.memory && elements.device.isCpu())
      std::free(elements.memory);
    else if (elements.memory)
      heed_device_free(view(capacity));
    elements = {};
    capacity = 0;
  }
};

/// What kernels only read: CPU memory as it lies where they run there, a copy of it elsewhere.
template <typename T> class Placed {
public:
  /// `host` outlives this.
  Status place(const Device &device, std::span<const T> host) {
    elements = {host.data()};
    if (device.isCpu())
      return success();
    Status status = copy.assign(device, host);
    elements = std::as_const(copy).data();
    return status;
  }
  Elements<const T> data() const { return elements; }

private:
  Elements<const T> elements;
  Buffer<T> copy;
};

} // namespace heed
