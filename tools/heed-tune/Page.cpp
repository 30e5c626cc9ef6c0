#include "tools/heed-tune/Page.h"
#include "tools/heed-tune-build/PageTemplate.h"
#include "tools/heed-tune/Summary.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string_view>

namespace heed::tune {
namespace {

using Json = nlohmann::ordered_json;

Json trialsJson(llvm::ArrayRef<Trial> trials, const Setting &setting, Standings &standings) {
  Json list = Json::array();
  for (const Trial &trial : trials) {
    if (!(trial.setting == setting))
      continue;
    double score = standings.add(trial);
    list.push_back({{"at", trial.at},
                    {"outcome", outcomeName(trial.outcome)},
                    {"score", std::isfinite(score) ? Json(score) : Json()},
                    {"estimate", trial.estimate},
                    {"note", trial.note},
                    {"plan", Json(toJson(trial.plan))}});
  }
  return list;
}

Json caseJson(const Tuned &tuned, llvm::ArrayRef<Trial> trials) {
  Standings standings;
  Json list = trialsJson(trials, tuned.setting, standings);
  return {{"name", tuned.name},
          {"operations", tuned.operations},
          {"bytes", tuned.bytes},
          {"peak", tuned.best.peak},
          {"seconds", tuned.entry.seconds},
          {"share", tuned.entry.shareOfPeak},
          {"best", tuned.entry.seconds},
          {"first", tuned.entry.seconds * tuned.gain},
          {"gain", tuned.gain},
          {"rho", modelCorrelation(trials, tuned.setting)},
          {"plan", Json(toJson(tuned.entry.plan))},
          {"trials", list}};
}

/// So that no text ends the script element it stands in.
std::string escapeForScript(std::string text) {
  for (size_t i = 0; (i = text.find('<', i)) != std::string::npos;)
    text.replace(i, 1, "\\u003c");
  return text;
}

} // namespace

std::string pageOf(const Outcomes &outcomes, const Conditions &conditions, double bandwidth) {
  Json cases = Json::array();
  for (const Tuned &tuned : outcomes.tuned)
    if (!tuned.isBetween)
      cases.push_back(caseJson(tuned, outcomes.trials));
  Json data = {{"machine", machineName()},
               {"target", conditions.target.name},
               {"threads", conditions.threads},
               {"bandwidth", bandwidth},
               {"cases", cases}};
  std::string page = pageTemplate, text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::string_view mark = "HEED_DATA";
  return page.replace(page.find(mark), mark.size(), escapeForScript(std::move(text)));
}

} // namespace heed::tune
