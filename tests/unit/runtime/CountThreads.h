// How many threads the process has.
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>

namespace heed::test {

inline size_t threadsNow() {
  std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

/// The number of threads, `expected` if it becomes that within seconds: a joined thread stays in
/// /proc for a moment, and a listing that meets one ends there.
inline size_t threadsSettlingAt(size_t expected) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (threadsNow() != expected && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return threadsNow();
}

} // namespace heed::test
