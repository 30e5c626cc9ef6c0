#include "schedules/plan/PlanChoice.h"

#include <nlohmann/json.hpp>

namespace heed {
namespace {

using Json = nlohmann::json;

bool isLimit(const Json &json) {
  return json.is_number_integer() && json.get<double>() >= 0 && json.get<double>() <= 1e15;
}

llvm::Expected<ExtentRange> rangeFromJson(const std::string &extent, const Json &json) {
  if (!json.is_array() || json.size() != 2 || !isLimit(json[0]) ||
      !(isLimit(json[1]) || json[1].is_null()))
    return llvm::createStringError("when: %s has to be [low, high], whole numbers, high null for "
                                   "no limit, but is %s",
                                   extent.c_str(), json.dump().c_str());
  ExtentRange range{extent, json[0].get<int64_t>()};
  if (!json[1].is_null())
    range.high = json[1].get<int64_t>();
  if (range.low > range.high)
    return llvm::createStringError("when: %s is %s: low is above high, so no shape is served",
                                   extent.c_str(), json.dump().c_str());
  return range;
}

} // namespace

Json rangesToJson(llvm::ArrayRef<ExtentRange> when) {
  Json json = Json::object();
  for (const ExtentRange &range : when)
    json[range.extent] = {range.low,
                          range.high == ExtentRange::unlimited ? Json() : Json(range.high)};
  return json;
}

Json choiceToJson(const PlanChoice &choice) {
  Json json = toJson(choice.plan);
  if (!choice.when.empty())
    json["when"] = rangesToJson(choice.when);
  return json;
}

llvm::Expected<PlanChoice> choiceFromJson(const Json &json) {
  if (!json.is_object() || !json.contains("when")) {
    llvm::Expected<Plan> plan = planFromJson(json);
    return plan ? llvm::Expected<PlanChoice>(PlanChoice{*plan}) : plan.takeError();
  }
  Json plain = json;
  plain.erase("when");
  llvm::Expected<Plan> plan = planFromJson(plain);
  if (!plan)
    return plan.takeError();
  PlanChoice choice{*plan};
  const Json &when = json["when"];
  if (!when.is_object())
    return llvm::createStringError("when has to be an object from extents to [low, high], but is "
                                   "%s",
                                   when.dump().c_str());
  for (const auto &[extent, limits] : when.items()) {
    llvm::Expected<ExtentRange> range = rangeFromJson(extent, limits);
    if (!range)
      return range.takeError();
    choice.when.push_back(*range);
  }
  return choice;
}

std::string rangesText(llvm::ArrayRef<ExtentRange> when) {
  std::string text;
  for (const ExtentRange &r : when) {
    bool isOpen = r.high == ExtentRange::unlimited;
    text += (text.empty() ? "" : " and ") + r.extent;
    if (r.low == r.high)
      text += " is " + std::to_string(r.low);
    else if (isOpen)
      text += " from " + std::to_string(r.low);
    else if (r.low <= 1)
      text += " up to " + std::to_string(r.high);
    else
      text += " from " + std::to_string(r.low) + " to " + std::to_string(r.high);
  }
  return text;
}

} // namespace heed
