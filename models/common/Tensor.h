// Plain memory as the DLTensor that a kernel takes.
#pragma once

#include "models/common/Result.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <type_traits>

namespace heed {

/// A view for the length of one call: `kernel(Tensor(x, {rows, 384}), ...)`. Extents and strides
/// are in elements; without strides the memory is compact, row-major.
class Tensor {
public:
  template <typename T>
  Tensor(T *data, std::initializer_list<int64_t> extents,
         std::initializer_list<int64_t> steps = {}) {
    using Element = std::remove_const_t<T>;
    static_assert(std::is_same_v<Element, float> || std::is_same_v<Element, int32_t>);
    std::copy(extents.begin(), extents.end(), shape);
    std::copy(steps.begin(), steps.end(), strides);
    tensor.data = const_cast<Element *>(data);
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int32_t>(extents.size());
    tensor.dtype = {std::is_same_v<Element, float> ? kDLFloat : kDLInt, 32, 1};
    hasStrides = steps.size() > 0;
  }

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

/// Float32 memory aligned to cache lines, which grows and never shrinks.
class FloatBuffer {
public:
  /// Room for `count` floats; what was there is lost when it grows. False when memory is short.
  [[nodiscard]] bool reserve(size_t count) {
    if (memory && count <= capacity)
      return true;
    size_t bytes = (count * sizeof(float) + alignment - 1) / alignment * alignment;
    memory.reset(static_cast<float *>(std::aligned_alloc(alignment, bytes)));
    capacity = memory ? count : 0;
    return memory != nullptr;
  }

  float *data() { return memory.get(); }
  const float *data() const { return memory.get(); }

private:
  struct Free {
    void operator()(float *memory) const { std::free(memory); }
  };
  static constexpr size_t alignment = 64;
  std::unique_ptr<float, Free> memory;
  size_t capacity = 0;
};

inline Error outOfMemory() { return {HEED_OUT_OF_MEMORY, "out of memory"}; }

} // namespace heed
