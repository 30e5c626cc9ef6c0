// Seeded choices for the tests of layers. HEED_TEST_SEED repeats a run, HEED_TEST_CASES lengthens
// it.
#pragma once

#include "tests/unit/linear/Guarded.h"

#include <cstdlib>
#include <random>
#include <string>

namespace heed::test {

inline int environment(const char *name, int otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine); }
  bool coin() { return between(0, 1) == 1; }
  float value() { return std::uniform_real_distribution<float>(-1.0f, 1.0f)(engine); }
  template <typename T> T oneOf(std::initializer_list<T> choices) {
    return choices.begin()[between(0, int(choices.size()) - 1)];
  }

private:
  std::mt19937 engine;
};

inline void fill(Random &random, Guarded<float> &matrix, int columns, int rows = 1) {
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++)
      matrix.at(n, m) = random.value();
}

} // namespace heed::test
