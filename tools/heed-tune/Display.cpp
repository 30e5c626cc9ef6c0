#include "tools/heed-tune/Display.h"

#include <fmt/format.h>

#include <iostream>
#include <unistd.h>

namespace heed::tune {

std::string timeText(double seconds) {
  double ms = seconds * 1e3;
  return fmt::format("{:.{}f} ms", ms, ms < 1 ? 4 : ms < 10 ? 3 : ms < 100 ? 2 : 1);
}

Display::Display(bool isOn) : isOn(isOn), isTerminal(isOn && ::isatty(STDERR_FILENO)) {}

void Display::show(const Standing &s) {
  auto now = std::chrono::steady_clock::now();
  if (!isOn || (!isTerminal && now - last < std::chrono::seconds(5)))
    return;
  last = now;
  std::string share = s.share > 0 ? fmt::format(" = {:.1f}% of peak", 100 * s.share) : "";
  std::string line = fmt::format("{}: {} tried, best {}{}, {:.2f}x the default; {:.0f} s left",
                                 s.name, s.tried, timeText(s.seconds), share, s.gain, s.left);
  std::cerr << (isTerminal ? "\r\x1b[K" : "") << line << (isTerminal ? "" : "\n") << std::flush;
  isOpen = isTerminal;
}

void Display::done() {
  if (isOpen)
    std::cerr << "\n";
  isOpen = false;
}

void Display::say(const std::string &text) {
  done();
  if (isOn)
    std::cerr << text << "\n";
}

} // namespace heed::tune
