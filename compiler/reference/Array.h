// Dense tensors of float64.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace heed {

/// Row-major. Integers are held exactly, as doubles.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> values;

  Array() = default;
  explicit Array(std::vector<int64_t> shape, double fill = 0);
  Array(std::vector<int64_t> shape, std::vector<double> values);

  double &operator()(llvm::ArrayRef<int64_t> index) { return values[offset(index)]; }
  double operator()(llvm::ArrayRef<int64_t> index) const { return values[offset(index)]; }

private:
  size_t offset(llvm::ArrayRef<int64_t> index) const;
};

} // namespace heed
