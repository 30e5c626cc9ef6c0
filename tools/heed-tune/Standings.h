// Who is ahead: trials of one setting in the order they were made.
#pragma once

#include "tools/heed-tune/Log.h"

namespace heed::tune {

/// Machines change their speed by some tens of percent for minutes, so times are compared as ratios
/// to the best plan's, which was timed in turn. A plan's score is its time as it would have been
/// when the first was timed: that one's seconds, times the ratios since.
class Standings {
public:
  /// Returns the score; infinite for what failed.
  double add(const Trial &trial);

  /// The fastest that was timed to the end; null before there is one. It is ahead of an earlier
  /// best by at least half a percent.
  const Trial *best() const { return leader ? &*leader : nullptr; }
  double bestScore() const { return score; }
  /// Of the first that was timed, the default plan, when it last was.
  double firstScore() const { return first; }

private:
  std::optional<Trial> leader;
  std::optional<Plan> firstPlan;
  double score = 0, first = 0;
};

} // namespace heed::tune
