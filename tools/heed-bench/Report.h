// Figures for people and for programs.
#pragma once

#include "tools/heed-bench/Cases.h"
#include "tools/measure/Reference.h"
#include "tools/measure/Rounds.h"
#include "tools/measure/Work.h"

#include <nlohmann/json_fwd.hpp>

namespace heed::bench {

/// Where and how everything was measured.
struct Setting {
  std::string cpu, target;
  int threads, rounds;
  double peak;          ///< operations a second on these threads; 0: unknown
  std::string peakName; ///< what reached it
  double memory;        ///< bytes a second that a loop reads from far more than caches hold
  std::string plan;     ///< the file that was given, or ""
};

struct Result {
  Case problem;
  std::string layout, kernel;
  measure::Work work;
  double bytes;     ///< of all arguments
  double readBytes; ///< of those that are read
  measure::Accuracy accuracy;
  measure::Timing timing, reading; ///< of the kernel, and of a loop that reads its inputs
};

enum class Format { Table, Json, Csv, Html };

/// `peers` is a comparison as readComparison gives it, or null; only the page shows it.
std::string report(Format format, const Setting &setting, llvm::ArrayRef<Result> results,
                   const nlohmann::json &peers);

/// What `make compare` writes. An error says what is wrong with the file.
llvm::Expected<nlohmann::json> readComparison(const std::string &path);

/// What the machine can do, without any kernel.
std::string reportMachine(Format format, const Setting &setting, double readBytes,
                          const measure::Timing &reading);

/// "AMD EPYC 9R14", as the system calls it.
std::string cpuName();

} // namespace heed::bench
