// Work in processes of their own, which may crash or hang without harm.
#pragma once

#include "llvm/Support/Error.h"

#include <chrono>
#include <functional>
#include <string>

namespace heed::tune {

/// What a child wrote, or how it ended without.
struct Ending {
  enum How { Done, Crashed, Hung } how;
  std::string text; ///< Done: all of it. Else what is to be said: "killed by signal 11
                    ///< (Segmentation fault)"
};

/// A forked child that runs `work` and hands back its text through a pipe. It leads a group of its
/// own, so that its own children stop and end with it, and is killed when this object goes or this
/// process dies. The parent may have no other threads.
class Child {
public:
  using Clock = std::chrono::steady_clock;

  /// `limit` counts the time it was not paused.
  Child(std::function<std::string()> work, double limitSeconds);
  Child(const Child &) = delete;
  ~Child();

  /// Reads what is there; whether it has ended.
  bool poll();
  /// For at most so many seconds, or until it has ended.
  bool wait(double seconds);
  const Ending &ending() const { return end; }

  void pause();
  void resume();

private:
  int pid = -1, pipe = -1;
  bool ended = false, paused = false;
  double limit, used = 0; ///< seconds
  Clock::time_point since;
  Ending end{Ending::Crashed, ""};

  void finish();
  void kill();
  bool isLate() const;
};

} // namespace heed::tune
