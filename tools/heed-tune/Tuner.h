// The search itself: candidates compiled ahead, timed one at a time.
#pragma once

#include "tools/heed-tune/Children.h"
#include "tools/heed-tune/Display.h"
#include "tools/heed-tune/Race.h"
#include "tools/heed-tune/Standings.h"

#include <list>

namespace heed::tune {

struct Effort {
  std::string search = "guided"; ///< or "random"
  unsigned seed = 1;
  int jobs = 1;              ///< candidates compiled at a time
  double compileLimit = 120; ///< seconds until a compiler counts as hung
  double raceLimit = 5;      ///< the same of a race, beside what its calls are expected to take
};

class Tuner {
public:
  Tuner(Log &log, Effort effort, Display &display)
      : log(log), effort(std::move(effort)), display(display) {}

  /// Searches for `seconds`, beginning with what the log has of this setting; at least the default
  /// plan is measured. The best trial.
  llvm::Expected<Trial> search(const Case &c, double seconds);

  /// How `plan` does against `rival`: by the log where it has both, else in a race. A trial of the
  /// plan with both their seconds.
  llvm::Expected<Trial> compare(const Case &c, const Plan &plan, const Plan &rival);

private:
  struct Job {
    Plan plan;
    std::unique_ptr<Child> child;
  };
  struct Built {
    Plan plan;
    std::string library; ///< empty where it could not be built
    std::string refusal; ///< then why
  };
  /// One search under way.
  class Run;

  Log &log;
  Effort effort;
  Display &display;
  int races = 0;

  std::unique_ptr<Child> startCompiler(const Case &c, const Plan &plan) const;
  llvm::Expected<std::string> compileNow(const Case &c, const Plan &plan) const;
  Result raceInChild(const Case &c, const std::string &candidate, const std::string &rival,
                     double expectedSeconds);
  Trial trialOf(const Case &c, const Plan &plan, const Result &result, double at) const;
};

} // namespace heed::tune
