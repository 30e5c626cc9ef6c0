#include "tools/heed-tune/Summary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace heed::tune {
namespace {

std::string countsText(llvm::ArrayRef<Trial> trials, const Setting &setting) {
  std::map<Outcome, int> counts;
  int all = 0;
  for (const Trial &trial : trials)
    if (trial.setting == setting) {
      ++counts[trial.outcome];
      ++all;
    }
  std::string text = fmt::format("{} tried", all);
  for (auto [outcome, count] : counts)
    text += fmt::format(", {} {}", count, outcomeName(outcome));
  return text;
}

} // namespace

double modelCorrelation(llvm::ArrayRef<Trial> trials, const Setting &setting) {
  std::vector<double> estimates, seconds;
  Standings standings;
  for (const Trial &trial : trials)
    if (trial.setting == setting)
      if (double score = standings.add(trial); std::isfinite(score)) {
        estimates.push_back(trial.estimate);
        seconds.push_back(score);
      }
  return rankCorrelation(estimates, seconds);
}

std::string summaryOf(const Outcomes &outcomes) {
  std::string text;
  for (const Tuned &tuned : outcomes.tuned) {
    double share = tuned.entry.shareOfPeak;
    text += fmt::format("{}{}: {}{}", tuned.name, tuned.isBetween ? " (between)" : "",
                        timeText(tuned.entry.seconds),
                        share > 0 ? fmt::format(", {:.1f}% of peak", 100 * share) : "");
    if (!tuned.isBetween)
      text += fmt::format(", {:.2f}x the default plan; {}; the model ranks them at rho {:.2f}",
                          tuned.gain, countsText(outcomes.trials, tuned.setting),
                          modelCorrelation(outcomes.trials, tuned.setting));
    text += "\n  " + toJson(tuned.entry.plan).dump() + "\n";
  }
  return text;
}

} // namespace heed::tune
