// What a user can say to heed-tune.
#pragma once

#include "compiler/dialect/presets/Presets.h"
#include "tools/heed-tune/Budget.h"
#include "tools/measure/Data.h"

#include <optional>

namespace heed::tune {

struct CommandLine {
  std::string input;    ///< a file, or "-"; empty with a preset
  PresetOptions preset; ///< used where it has components
  bool isSized = false; ///< a shape said the head size
  std::vector<std::string> shapes;
  std::vector<measure::Layout> layouts = {measure::Layout::Bhsd, measure::Layout::Bshd};
  int threads = 1;
  std::string target = "host";
  double budget = 60; ///< seconds
  std::string search = "guided";
  unsigned seed = 1;
  double patience = 5;   ///< Effort::raceLimit; hidden
  int jobs = 0;          ///< 0: as many as there are CPUs
  std::string table;     ///< empty: tuned-TARGET.json
  std::string log, page; ///< empty: the table's name with another extension
  bool compare = false;  ///< other searches beside this one, instead of a table
};

/// Returns the exit status when there is nothing to do: after --help, or after a mistake, which it
/// has explained.
std::optional<int> parseCommandLine(int argc, const char *const *argv, CommandLine &line);

} // namespace heed::tune
