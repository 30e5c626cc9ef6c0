#include "compiler/reference/Array.h"

#include <cassert>
#include <functional>
#include <numeric>

using namespace heed;

static size_t countOf(const std::vector<int64_t> &shape) {
  return std::accumulate(shape.begin(), shape.end(), size_t(1), std::multiplies<>());
}

Array::Array(std::vector<int64_t> shape, double fill) : shape(std::move(shape)) {
  values.assign(countOf(this->shape), fill);
}

Array::Array(std::vector<int64_t> shape, std::vector<double> values)
    : shape(std::move(shape)), values(std::move(values)) {
  assert(this->values.size() == countOf(this->shape) && "shape and values disagree");
}

size_t Array::offset(llvm::ArrayRef<int64_t> index) const {
  assert(index.size() == shape.size() && "one index for each axis");
  size_t position = 0;
  for (auto [i, extent] : llvm::zip(index, shape)) {
    assert(0 <= i && i < extent && "index out of range");
    position = position * extent + i;
  }
  return position;
}
