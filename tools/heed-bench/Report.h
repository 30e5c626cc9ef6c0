// Figures for people and for programs.
#pragma once

#include "tools/heed-bench/Cases.h"
#include "tools/measure/Reference.h"
#include "tools/measure/Rounds.h"
#include "tools/measure/Work.h"

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
  measure::Work work;
  double bytes; ///< of all arguments
  measure::Accuracy accuracy;
  measure::Timing timing;
};

enum class Format { Table, Json, Csv };

std::string report(Format format, const Setting &setting, llvm::ArrayRef<Result> results);

/// "AMD EPYC 9R14", as the system calls it.
std::string cpuName();

} // namespace heed::bench
