#include "tools/heed-run/Run.h"

#include <fmt/format.h>

#include <exception>

int main(int argc, char **argv) try {
  heed::CommandLine line;
  if (std::optional<int> status = heed::parseCommandLine(argc, argv, line))
    return *status;
  heed::Status status = heed::run(line);
  if (status)
    return 0;
  fmt::print(stderr, "heed-run: {}\n", status.error().message);
  return status.error().status == HEED_INTERNAL ? 2 : 1;
} catch (const std::exception &e) {
  fmt::print(stderr, "heed-run: a bug in Heed, please report it: {}\n", e.what());
  return 2;
}
