#include "tools/heed-tune/Bandwidth.h"
#include "tools/heed-tune/Children.h"
#include "tools/measure/ReadLoop.h"

#include <cstdlib>
#include <cstring>

namespace heed::tune {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t bytes = size_t(256) << 20;
constexpr int passes = 4;

double bestPass(int threads) {
  void *memory = std::aligned_alloc(64, bytes);
  if (!memory)
    return 0;
  std::memset(memory, 1, bytes); // so that there are pages
  measure::ReadLoop loop({{memory, bytes}}, threads);
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    Clock::time_point begin = Clock::now();
    loop.run();
    best = std::max(best, bytes / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

} // namespace

double readBandwidth(int threads) {
  Child child([&] { return std::to_string(bestPass(threads)); }, 20);
  while (!child.wait(1))
    ;
  return child.ending().how == Ending::Done ? std::strtod(child.ending().text.c_str(), nullptr) : 0;
}

} // namespace heed::tune
