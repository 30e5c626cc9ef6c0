// Tensors in memory: what a kernel reads and writes, laid out as a framework would have it.
#pragma once

#include "compiler/dialect/Signature.h"
#include "compiler/reference/Array.h"
#include "tools/heed-bench/Cases.h"

#include <dlpack/dlpack.h>

#include <cstddef>
#include <memory>

namespace heed::bench {

/// How (batch, sequence, head, dim) tensors lie in memory. Shapes are the same in both.
enum class Layout {
  Bhsd, ///< all of one head's sequence together
  Bshd, ///< all heads of one position together: compact
};

llvm::StringRef layoutName(Layout layout);

/// A strided tensor of float32 or int32 that owns its memory, aligned to 64 bytes.
class Tensor {
public:
  /// Filled with 0. `order` lists the axes from the slowest in memory to the fastest.
  Tensor(DLDataType type, std::vector<int64_t> shape, llvm::ArrayRef<unsigned> order);

  llvm::ArrayRef<int64_t> shape() const { return extents; }
  size_t count() const; ///< of elements
  size_t bytes() const { return count() * 4; }
  DLTensor view();

  /// The elements in the order of the indices, whatever the layout.
  Array toArray() const;
  void assign(const Array &values);

private:
  /// Calls `visit(i, place)` for every element: the i-th in the order of the indices, at `place` in
  /// memory.
  template <typename Visit> void forEach(Visit visit) const;

  DLDataType type;
  std::vector<int64_t> extents, strides; ///< in elements
  struct Free {
    void operator()(std::byte *memory) const;
  };
  std::unique_ptr<std::byte, Free> memory;
};

/// One tensor for each argument of the kernel, in the signature's order. Inputs are pseudo-random,
/// the same in every run and layout: query, key and value normal, everything else uniform in (0,
/// 1), key lengths from a quarter of the keys to all. Outputs are NaN, so that what a kernel leaves
/// out is seen.
llvm::Expected<std::vector<Tensor>> makeTensors(const Case &c, const Signature &signature,
                                                Layout layout);

} // namespace heed::bench
