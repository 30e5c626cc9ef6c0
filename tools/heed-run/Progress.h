// "120 of 1000 texts" on a terminal, for work that takes more than two seconds.
#pragma once

#include <chrono>
#include <cstddef>

namespace heed {

class Progress {
public:
  explicit Progress(size_t total) : total(total), begin(std::chrono::steady_clock::now()) {}
  ~Progress(); ///< clears the line

  void show(size_t done);

private:
  size_t total;
  std::chrono::steady_clock::time_point begin;
  bool shown = false;
};

} // namespace heed
