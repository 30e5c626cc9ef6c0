// What is being done, on standard error, for those who wait.
#pragma once

#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <string>

namespace heed::measure {

/// Says a step when more than two seconds have gone by since the last word.
class Progress {
public:
  /// `who` is the tool that speaks.
  explicit Progress(std::string who) : who(std::move(who)) {}

  void step(const llvm::Twine &what) {
    auto now = std::chrono::steady_clock::now();
    if (now - last < std::chrono::seconds(2))
      return;
    llvm::errs() << who << ": " << what << "\n";
    last = now;
  }

private:
  std::string who;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
};

} // namespace heed::measure
