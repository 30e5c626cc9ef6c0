#include "tools/heed-run/Progress.h"

#include <cstdio>
#include <unistd.h>

namespace heed {

void Progress::show(size_t done) {
  if (std::chrono::steady_clock::now() - begin < std::chrono::seconds(2) || !isatty(STDERR_FILENO))
    return;
  std::fprintf(stderr, "\r%zu of %zu texts", done, total);
  shown = true;
}

Progress::~Progress() {
  if (shown)
    std::fputs("\r\x1b[K", stderr);
}

} // namespace heed
