// Tensors for tests of generated kernels: any strides, exact-sized between two pages that may not
// be touched, so that an access outside is a segmentation fault and never luck.
#pragma once

#include "compiler/dialect/Signature.h"
#include "compiler/reference/Array.h"
#include "tests/property/Random.h"

#include <dlpack/dlpack.h>

#include <cstddef>
#include <functional>
#include <vector>

namespace heed::property {

/// How a tensor lies in memory. The last axis is contiguous.
struct Layout {
  std::vector<int> order;      ///< axes, outermost first
  std::vector<int> padding;    ///< elements after each axis's own extent
  std::vector<bool> reversed;  ///< negative stride
  std::vector<bool> broadcast; ///< stride 0
  bool againstBegin = false;   ///< the elements touch the page before instead of the one after
};

using Index = std::vector<int64_t>;
void forEachIndex(const std::vector<int64_t> &shape,
                  const std::function<void(const Index &)> &visit);

class Tensor {
public:
  /// All bytes 0xff: NaN, and -1.
  Tensor(ElementType type, std::vector<int64_t> shape, const Layout &layout);
  Tensor(const Tensor &) = delete;
  ~Tensor();

  const DLTensor *dlpack() const { return &tensor; }
  const std::vector<int64_t> &shape() const { return extents; }
  double get(const Index &index) const;
  void set(const Index &index, double value);
  Array toArray() const;
  /// From now on touching an element is a segmentation fault.
  void lock();
  /// Whether several indices are one element.
  bool aliases() const;
  /// Whether what lies between the elements still is as it was.
  bool gapsAreIntact() const;
  std::string strideText() const;

private:
  ElementType type;
  std::vector<int64_t> extents, strides;
  DLTensor tensor{};
  std::byte *memory = nullptr, *first = nullptr; ///< of the mapping; element (0, ..., 0)
  size_t mapped = 0;

  std::byte *address(const Index &index) const;
};

} // namespace heed::property
