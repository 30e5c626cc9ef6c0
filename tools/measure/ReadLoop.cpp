#include "tools/measure/ReadLoop.h"

#include <immintrin.h>

#include <barrier>
#include <cstdint>
#include <thread>

namespace heed::measure {
namespace {

constexpr size_t line = 64, step = 8 * line; // eight loads are under way at a time

/// The empty statement has the compiler believe that what was read is used.
__attribute__((target("avx512f"))) void readAvx512(const std::byte *data, size_t bytes) {
  __m512i sums[8] = {};
  for (size_t at = 0; at + step <= bytes; at += step)
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; ++i)
      sums[i] = _mm512_xor_si512(sums[i], _mm512_load_si512(data + at + i * line));
  for (size_t at = bytes / step * step; at + line <= bytes; at += line)
    sums[0] = _mm512_xor_si512(sums[0], _mm512_load_si512(data + at));
  for (__m512i &sum : sums)
    asm volatile("" : "+v"(sum));
}

__attribute__((target("avx2"))) void readAvx2(const std::byte *data, size_t bytes) {
  __m256i sums[8] = {};
  constexpr size_t half = line / 2;
  for (size_t at = 0; at + 8 * half <= bytes; at += 8 * half)
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 8; ++i)
      sums[i] = _mm256_xor_si256(
          sums[i], _mm256_load_si256(reinterpret_cast<const __m256i *>(data + at + i * half)));
  for (__m256i &sum : sums)
    asm volatile("" : "+x"(sum));
}

void readSse2(const std::byte *data, size_t bytes) {
  __m128i sums[4] = {};
  for (size_t at = 0; at + line <= bytes; at += line)
    for (size_t i = 0; i < 4; ++i)
      sums[i] = _mm_xor_si128(
          sums[i], _mm_load_si128(reinterpret_cast<const __m128i *>(data + at + i * line / 4)));
  for (__m128i &sum : sums)
    asm volatile("" : "+x"(sum));
}

using Read = void (*)(const std::byte *data, size_t bytes);

Read widestRead() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") ? readAvx512
         : __builtin_cpu_supports("avx2")  ? readAvx2
                                           : readSse2;
}

} // namespace

/// The caller and its helpers, who wait for each other before and after every pass.
struct ReadLoop::Team {
  Team(std::vector<Piece> all, int threads)
      : pieces(std::move(all)), threads(threads), begin(threads), end(threads) {
    for (int thread = 1; thread < threads; ++thread)
      helpers.emplace_back([this, thread] {
        for (begin.arrive_and_wait(); !isOver; begin.arrive_and_wait()) {
          readPart(thread);
          end.arrive_and_wait();
        }
      });
  }
  ~Team() {
    isOver = true;
    begin.arrive_and_wait();
  }

  void run() {
    begin.arrive_and_wait();
    readPart(0);
    end.arrive_and_wait();
  }

  void readPart(int thread) const {
    for (const Piece &piece : pieces) {
      size_t lines = piece.bytes / line, first = lines * thread / threads,
             last = lines * (thread + 1) / threads;
      read(static_cast<const std::byte *>(piece.data) + first * line, (last - first) * line);
    }
  }

  const std::vector<Piece> pieces;
  const int threads;
  const Read read = widestRead();
  bool isOver = false; ///< written before `begin`, read after it
  std::barrier<> begin, end;
  std::vector<std::jthread> helpers; ///< joined first
};

ReadLoop::ReadLoop(std::vector<Piece> pieces, int threads)
    : team(std::make_unique<Team>(std::move(pieces), threads)) {}
ReadLoop::ReadLoop(ReadLoop &&) noexcept = default;
ReadLoop::~ReadLoop() = default;

size_t ReadLoop::bytes() const {
  size_t sum = 0;
  for (const Piece &piece : team->pieces)
    sum += piece.bytes;
  return sum;
}

void ReadLoop::run() { team->run(); }

} // namespace heed::measure
