// Queries, keys and values of one head, few enough for graphs that nobody has scheduled.
#pragma once

#include "compiler/reference/Array.h"

#include "Halide.h"

#include <cmath>
#include <vector>

namespace heed::test {

constexpr int queries = 5, keys = 7, dim = 3;

inline Halide::Buffer<float> filled(int rows, float phase) {
  Halide::Buffer<float> buffer(dim, 1, rows, 1); // (dim, head, row, batch)
  buffer.for_each_element([&](int d, int, int row, int) {
    buffer(d, 0, row, 0) = std::sin(phase + 2.5f * d + 1.3f * row);
  });
  return buffer;
}

inline Array arrayOf(const Halide::Buffer<float> &buffer) {
  return Array({1, buffer.dim(2).extent(), 1, dim},
               std::vector<double>(buffer.begin(), buffer.end()));
}

} // namespace heed::test
