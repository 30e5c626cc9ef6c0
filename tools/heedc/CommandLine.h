// What a user can say to heedc.
#pragma once

#include "compiler/dialect/presets/Presets.h"

#include <optional>
#include <string>
#include <vector>

namespace heed {

enum class EmitKind { Library, Shared, Attn, Graph, Plan, Stmt, Assembly, Device };

struct CommandLine {
  std::string input;  ///< a file, or "-" for standard input; empty with a preset
  std::string output; ///< of a library, without extension; of a text, the file. Empty: choose
  EmitKind emit = EmitKind::Library;
  bool standalone = false;

  PresetOptions preset; ///< used where it has components
  bool listPresets = false;

  std::vector<std::string> targets = {"all"};
  std::string plan, table;
  double tuneSeconds = 0;          ///< 0: no tuning
  std::vector<std::string> shapes; ///< to tune for
  int threads = 1;                 ///< to tune with

  bool checkLaws = false; ///< instead of compiling
  bool explain = false, verbose = false, noCache = false;
  std::string dumpFolder, cacheFolder;
};

/// Returns the exit status when there is nothing to compile: after --help, or after a mistake,
/// which it has explained.
std::optional<int> parseCommandLine(int argc, char **argv, CommandLine &line);

} // namespace heed
