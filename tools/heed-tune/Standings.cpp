#include "tools/heed-tune/Standings.h"

#include <limits>

namespace heed::tune {

double Standings::add(const Trial &trial) {
  bool isTimed = trial.outcome == Outcome::Measured || trial.outcome == Outcome::Slower;
  if (!isTimed || trial.seconds <= 0)
    return std::numeric_limits<double>::infinity();
  double own = leader && trial.rival > 0 ? score * trial.seconds / trial.rival : trial.seconds;
  bool isAhead = !leader || own < 0.995 * score;
  if (trial.outcome == Outcome::Measured && !leader)
    firstPlan = trial.plan;
  if (trial.plan == firstPlan)
    first = own;
  if (trial.outcome == Outcome::Measured && isAhead) {
    leader = trial;
    score = own;
  }
  return own;
}

} // namespace heed::tune
