#include "tools/heed-bench/Peak.h"

#include <immintrin.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <thread>
#include <vector>

namespace heed::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int steps =
    10000; // of every chain, between looks at the clock: some tens of microseconds

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

/// Operations a second of `threads` threads that begin together and each run for five milliseconds.
double rate(const Width &width, int threads) {
  std::barrier start(threads);
  std::vector<double> rates(threads);
  auto work = [&](double &result) {
    start.arrive_and_wait();
    Clock::time_point begin = Clock::now();
    std::chrono::duration<double> taken{};
    double operations = 0;
    for (; taken < std::chrono::milliseconds(5);
         taken = Clock::now() - begin, operations += width.operations)
      width.chains();
    result = operations / taken.count();
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i)
    others.emplace_back(work, std::ref(rates[i]));
  work(rates[0]);
  others.clear(); // joins
  double sum = 0;
  for (double one : rates)
    sum += one;
  return sum;
}

} // namespace

void Peak::measure() {
  for (const Width &width : widths()) {
    if (!width.available)
      continue;
    double now = rate(width, threads);
    if (now <= bestRate)
      continue;
    bestRate = now;
    bestName = width.name;
  }
}

} // namespace heed::bench
