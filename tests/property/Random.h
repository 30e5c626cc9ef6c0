// Seeded choices: one seed gives one sequence of cases.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace heed::property {

class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine); }
  bool oneIn(int n) { return between(1, n) == 1; }
  double real(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(engine);
  }
  double normal() { return std::normal_distribution<double>()(engine); }
  template <typename T> T pick(const std::vector<T> &choices) {
    return choices[between(0, int(choices.size()) - 1)];
  }
  template <typename T> T pick(std::initializer_list<T> choices) {
    return pick(std::vector<T>(choices));
  }
  uint64_t seed() { return engine(); }

private:
  std::mt19937_64 engine;
};

} // namespace heed::property
