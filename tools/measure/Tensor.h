// Tensors in memory, as a program would have them.
#pragma once

#include "compiler/dialect/Signature.h"
#include "compiler/reference/Array.h"

#include <dlpack/dlpack.h>

#include <cstddef>
#include <memory>

namespace heed::measure {

/// A strided tensor that owns its memory, aligned to 64 bytes.
class Tensor {
public:
  /// Filled with 0. `order` lists the axes from the slowest in memory to the fastest.
  Tensor(ElementType type, std::vector<int64_t> shape, llvm::ArrayRef<unsigned> order);

  llvm::ArrayRef<int64_t> shape() const { return extents; }
  size_t count() const; ///< of elements
  size_t bytes() const;
  DLTensor view();
  const void *data() const { return memory.get(); }

  /// The elements in the order of the indices, whatever the layout.
  Array toArray() const;
  /// Rounds to what the type can hold: to the nearest, ties to even.
  void assign(const Array &values);

private:
  /// Calls `visit(i, place)` for every element: the i-th in the order of the indices, at `place` in
  /// memory.
  template <typename Visit> void forEach(Visit visit) const;

  ElementType type;
  std::vector<int64_t> extents, strides; ///< in elements
  struct Free {
    void operator()(std::byte *memory) const;
  };
  std::unique_ptr<std::byte, Free> memory;
};

} // namespace heed::measure
