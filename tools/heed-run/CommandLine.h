// What heed-run is asked to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heed {

enum class RunMode { Show, Compare, Embed, Bench };

struct CommandLine {
  std::string model;
  std::vector<std::string> texts; ///< empty: lines of standard input
  RunMode mode = RunMode::Show;
  std::string heatMap;            ///< the page's file, "" for none
  std::optional<int> layer, head; ///< from 1
  std::string bench;              ///< sizes, see Bench.h
  std::string word;               ///< "": the most telling one
  std::string device = "cpu";     ///< where the model runs
  int threads = 0;                ///< 0: one per core
  bool color = false;
};

/// Reads the command line; prints help or what is wrong. An exit status where there is nothing to run.
std::optional<int> parseCommandLine(int argc, char **argv, CommandLine &line);

} // namespace heed
