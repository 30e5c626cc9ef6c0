#include "tools/measure/Peak.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

namespace heed::measure {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int steps = 100'000; // of every chain: a few tenths of a millisecond

/// FMAs wait four cycles for their inputs and two start a cycle, so eight independent chains keep
/// the units busy; more do no harm while they fit the registers. Chains tend to b / (1 - a), so no
/// number becomes denormal or infinite. The empty statement has the compiler believe that every
/// step's results are used.
constexpr float a = 0.999f, b = 1e-3f;

__attribute__((target("avx512f"))) void chainsAvx512() {
  __m512 factor = _mm512_set1_ps(a), term = _mm512_set1_ps(b), chain[16] = {};
  for (int step = 0; step < steps; ++step)
#pragma clang loop unroll(full)
    for (__m512 &c : chain) {
      c = _mm512_fmadd_ps(c, factor, term);
      asm volatile("" : "+v"(c));
    }
}

__attribute__((target("avx2,fma"))) void chainsAvx2() {
  __m256 factor = _mm256_set1_ps(a), term = _mm256_set1_ps(b), chain[12] = {};
  for (int step = 0; step < steps; ++step)
#pragma clang loop unroll(full)
    for (__m256 &c : chain) {
      c = _mm256_fmadd_ps(c, factor, term);
      asm volatile("" : "+x"(c));
    }
}

struct Width {
  const char *name;
  bool available;
  void (*chains)();
  double operations; ///< of one call of `chains`
};

std::vector<Width> widths() {
  __builtin_cpu_init();
  return {{"AVX-512", bool(__builtin_cpu_supports("avx512f")), chainsAvx512, 16.0 * 16 * 2 * steps},
          {"AVX2", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"), chainsAvx2,
           12.0 * 8 * 2 * steps}};
}

/// Operations a second of `threads` threads, in the best of ten windows that they begin together.
double bestRate(const Width &width, int threads) {
  constexpr int windows = 10;
  std::barrier start(threads);
  struct Window {
    Clock::time_point begin, end;
  };
  std::vector<std::array<Window, windows>> times(threads);
  auto work = [&](int thread) {
    for (Window &window : times[thread]) {
      start.arrive_and_wait();
      window.begin = Clock::now();
      width.chains();
      window.end = Clock::now();
    }
  };
  std::vector<std::jthread> others;
  for (int thread = 1; thread < threads; ++thread)
    others.emplace_back(work, thread);
  work(0);
  others.clear(); // joins
  double best = 0;
  for (int i = 0; i < windows; ++i) {
    Window all = times[0][i];
    for (const auto &one : times)
      all = {std::min(all.begin, one[i].begin), std::max(all.end, one[i].end)};
    double seconds = std::chrono::duration<double>(all.end - all.begin).count();
    best = std::max(best, threads * width.operations / seconds);
  }
  return best;
}

} // namespace

void Peak::measure() {
  for (const Width &width : widths()) {
    if (!width.available)
      continue;
    double rate = bestRate(width, threads);
    if (rate > highest) {
      highest = rate;
      name = width.name;
    }
  }
}

} // namespace heed::measure
