// Memory as the DLTensor that a kernel takes.
#pragma once

#include "models/common/Device.h"

#include <algorithm>
#include <initializer_list>
#include <type_traits>

namespace heed {

/// Float32 or int32 elements from `first` on.
template <typename T> struct Elements {
  T *memory = nullptr; ///< on a device its handle, as heed/device.h says
  Device device = {};
  int64_t first = 0;

  Elements operator+(int64_t count) const { return {memory, device, first + count}; }
  operator Elements<const T>() const { return {memory, device, first}; }
};

/// A view for the length of one call: `kernel(Tensor(x, {rows, 384}), ...)`. Extents and strides
/// are in elements; without strides the memory is compact, row-major.
class Tensor {
public:
  template <typename T>
  Tensor(Elements<T> elements, std::initializer_list<int64_t> extents,
         std::initializer_list<int64_t> steps = {}) {
    using Element = std::remove_const_t<T>;
    static_assert(std::is_same_v<Element, float> || std::is_same_v<Element, int32_t>);
    std::copy(extents.begin(), extents.end(), shape);
    std::copy(steps.begin(), steps.end(), strides);
    tensor.data = const_cast<Element *>(elements.memory);
    tensor.byte_offset = uint64_t(elements.first) * sizeof(Element);
    tensor.device = elements.device.place();
    tensor.ndim = static_cast<int32_t>(extents.size());
    tensor.dtype = {std::is_same_v<Element, float> ? kDLFloat : kDLInt, 32, 1};
    hasStrides = steps.size() > 0;
  }
  template <typename T>
  Tensor(T *onCpu, std::initializer_list<int64_t> extents,
         std::initializer_list<int64_t> steps = {})
      : Tensor(Elements<T>{onCpu}, extents, steps) {}

  operator DLTensor *() {
    tensor.shape = shape;
    tensor.strides = hasStrides ? strides : nullptr;
    return &tensor;
  }

private:
  DLTensor tensor{};
  int64_t shape[4], strides[4];
  bool hasStrides;
};

} // namespace heed
