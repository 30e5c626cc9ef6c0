// What a user can say to heed-bench.
#pragma once

#include "tools/heed-bench/Report.h"
#include "tools/measure/Data.h"

#include <optional>

namespace heed::bench {

struct CommandLine {
  std::vector<std::string> cases;  ///< names; empty: all
  std::string file;                ///< a user's kernels instead, on a shape
  std::string shape;               ///< instead of cases
  std::vector<std::string> preset; ///< with a shape
  std::string dtype = "f32";       ///< of the preset
  std::vector<measure::Layout> layouts = {measure::Layout::Bhsd, measure::Layout::Bshd};
  int threads = 1, rounds = 15;
  std::string target = "host", plan;
  Format format = Format::Table;
  std::string peers; ///< a file that make compare wrote, for the page
  bool list = false;
  bool machine = false;             ///< measure no kernel, but what the machine can do
  int64_t bytes = int64_t(1) << 25; ///< that it reads
};

/// Returns the exit status when there is nothing to do: after --help, or after a mistake, which it
/// has explained.
std::optional<int> parseCommandLine(int argc, const char *const *argv, CommandLine &line);

} // namespace heed::bench
