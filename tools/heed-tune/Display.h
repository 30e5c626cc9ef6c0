// How far the search is, on standard error.
#pragma once

#include <chrono>
#include <string>

namespace heed::tune {

class Display {
public:
  /// Silent, for tests and other tools, unless `isOn`. One line that is rewritten on a terminal;
  /// elsewhere one now and then.
  explicit Display(bool isOn = false);

  struct Standing {
    std::string name;
    int tried;
    double seconds; ///< of the best
    double share;   ///< of peak; 0: unknown
    double gain;    ///< over the default plan
    double left;    ///< seconds of the budget
  };
  void show(const Standing &standing);
  /// Ends the line.
  void done();
  /// A line of its own.
  void say(const std::string &text);

private:
  bool isOn, isTerminal, isOpen = false;
  std::chrono::steady_clock::time_point last;
};

/// "12.3 ms", "0.451 ms"
std::string timeText(double seconds);

} // namespace heed::tune
