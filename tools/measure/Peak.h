// What this machine could do: float32 operations a second when nothing but fused multiply-adds
// runs.
#pragma once

#include <string>

namespace heed::measure {

/// The best of several short measurements, taken between those of the kernels so that both see the
/// same clock and the same neighbours.
class Peak {
public:
  explicit Peak(int threads) : threads(threads) {}

  /// Runs registers full of multiply-adds for some milliseconds with every vector width that this
  /// CPU has.
  void measure();

  /// Operations a second on all threads together; an FMA is two. 0 on a CPU without FMA.
  double best() const { return highest; }
  /// What reached it: "AVX-512", "AVX2", or "" before a measurement.
  const std::string &widest() const { return name; }

private:
  int threads;
  double highest = 0;
  std::string name;
};

} // namespace heed::measure
