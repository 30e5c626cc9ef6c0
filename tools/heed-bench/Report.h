// Figures for people and for programs.
#pragma once

#include "compiler/emit/Errors.h"
#include "tools/heed-bench/Cases.h"

#include <string>

namespace heed::bench {

/// Where and how everything was measured.
struct Setting {
  std::string cpu, target;
  int threads, rounds;
  double peak;          ///< operations a second on these threads; 0: unknown
  std::string peakName; ///< what reached it
};

struct Result {
  Case problem;
  std::string layout, kernel;
  double operations; ///< of the pairs that count: 2 a pair for each column of key and value
  double bytes;      ///< of all arguments
  double minSeconds, medianSeconds;
  double maxError, errorOfBound;
};

enum class Format { Table, Json, Csv };

std::string report(Format format, const Setting &setting, llvm::ArrayRef<Result> results);

/// "AMD EPYC 9R14", as the system calls it.
std::string cpuName();

} // namespace heed::bench
