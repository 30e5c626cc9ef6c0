// Memory for tests of generated kernels: an access outside of a matrix's rows is a segmentation
// fault or a wrong value, never luck.
#pragma once

#include "HalideRuntime.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

namespace heed::test {

/// Up to three dimensions, innermost first, between two pages that may not be touched. What lies
/// between the rows is NaN; the elements start as NaN too.
template <typename T> class Guarded {
public:
  enum class Against { End, Begin }; ///< which of the two pages the elements touch

  Guarded(std::vector<int> extents, int padding = 0, Against against = Against::End)
      : extents(std::move(extents)) {
    size_t count = 1;
    for (size_t i = 0; i < this->extents.size(); i++) {
      dimensions[i] = halide_dimension_t(0, this->extents[i], int(count));
      count *= size_t(this->extents[i]) + (i == 0 ? padding : 0);
    }
    used = count - (this->extents.size() > 1 && count ? padding : 0);
    const size_t page = size_t(sysconf(_SC_PAGESIZE));
    bytes = (used * sizeof(T) + page - 1) / page * page;
    memory = static_cast<char *>(
        mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED || mprotect(memory + page, bytes, PROT_READ | PROT_WRITE) != 0)
      throw std::bad_alloc();
    mapped = bytes + 2 * page;
    char *first = memory + page + (against == Against::End ? bytes - used * sizeof(T) : 0);
    elements = reinterpret_cast<T *>(first);
    std::memset(memory + page, 0xff, bytes);
    std::memset(&buffer, 0, sizeof buffer);
    buffer.host = reinterpret_cast<uint8_t *>(first);
    buffer.type = halide_type_of<T>();
    buffer.dimensions = int(this->extents.size());
    buffer.dim = dimensions;
  }
  Guarded(const Guarded &) = delete;
  ~Guarded() { munmap(memory, mapped); }

  T &at(int i, int j = 0, int k = 0) {
    ptrdiff_t offset = ptrdiff_t(i) * dimensions[0].stride + ptrdiff_t(j) * dimensions[1].stride +
                       ptrdiff_t(k) * dimensions[2].stride;
    return elements[offset];
  }
  halide_buffer_t *raw() { return &buffer; }
  void swapDimensions() { std::swap(dimensions[0], dimensions[1]); }

  /// Whether the bytes between the rows, and the rest of the pages, are still what they were.
  bool intact() const {
    const size_t page = size_t(sysconf(_SC_PAGESIZE));
    const auto *first = reinterpret_cast<const unsigned char *>(memory + page);
    std::vector<bool> mine(bytes, false);
    auto mark = [&](ptrdiff_t offset) {
      size_t at = size_t(reinterpret_cast<const unsigned char *>(elements + offset) - first);
      std::fill_n(mine.begin() + ptrdiff_t(at), sizeof(T), true);
    };
    for (int k = 0; k < extent(2); k++)
      for (int j = 0; j < extent(1); j++)
        for (int i = 0; i < extent(0); i++)
          mark(ptrdiff_t(i) * dimensions[0].stride + ptrdiff_t(j) * stride(1) +
               ptrdiff_t(k) * stride(2));
    for (size_t i = 0; i < bytes; i++)
      if (!mine[i] && first[i] != 0xff)
        return false;
    return true;
  }

private:
  std::vector<int> extents;
  halide_dimension_t dimensions[3] = {};
  halide_buffer_t buffer;
  char *memory;
  T *elements;
  size_t used, bytes, mapped;

  int extent(size_t i) const { return i < extents.size() ? dimensions[i].extent : 1; }
  ptrdiff_t stride(size_t i) const { return i < extents.size() ? dimensions[i].stride : 0; }
};

} // namespace heed::test
