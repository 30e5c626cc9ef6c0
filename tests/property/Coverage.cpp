#include "tests/property/Coverage.h"

#include <fmt/format.h>

namespace heed::property {

void Coverage::add(const Case &c) {
  const Description &d = c.description;
  const auto &plan = std::get<OnlinePlan>(c.plan.form);
  counts["target"][c.plan.target]++;
  counts["form"]["online"]++;
  counts["results"][d.results == Results::Output      ? "output"
                    : d.results == Results::LogSumExp ? "log-sum-exp"
                                                      : "weights"]++;
  for (const Component &modify : d.modifies)
    counts["modify"][modify.kind]++;
  for (const Component &mask : d.masks)
    counts["mask"][mask.kind]++;
  if (d.modifies.empty())
    counts["modify"]["none"]++;
  if (d.masks.empty())
    counts["mask"]["none"]++;
  for (auto [present, name] :
       {std::pair(d.keyLengths, "key lengths"), std::pair(d.queryLengths, "query lengths"),
        std::pair(d.queryOffsets, "query offsets")})
    if (present)
      counts["roles"][name]++;
  counts["heads"][d.keyHeads && d.group ? "fixed" : d.keyHeads ? "key heads fixed" : "dynamic"]++;
  for (const Call &call : c.calls) {
    auto tail = [&](const char *axis, int extent, int tile) {
      counts[axis][extent == 0     ? "none"
                   : extent < tile ? "less than a tile"
                   : extent % tile ? "a tail"
                                   : "whole tiles"]++;
    };
    tail("queries", call.queries, plan.queryTile);
    tail("keys", call.keys, plan.keyTile);
    counts["layout"][placementNames[int(call.placement)]]++;
    counts["data"][dataNames[int(call.data)]]++;
    counts["group"][call.group == 1 ? "1" : "more"]++;
  }
}

std::string Coverage::text() const {
  std::string text;
  for (const auto &[kind, values] : counts) {
    text += fmt::format("  {}:", kind);
    const char *separator = " ";
    for (const auto &[value, count] : values)
      text += fmt::format("{}{} {}", std::exchange(separator, ", "), value, count);
    text += "\n";
  }
  return text;
}

int Coverage::count(const std::string &kind, const std::string &what) const {
  auto values = counts.find(kind);
  if (values == counts.end())
    return 0;
  auto value = values->second.find(what);
  return value == values->second.end() ? 0 : value->second;
}

} // namespace heed::property
