#include "tests/property/Coverage.h"
#include "tests/property/Writer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed::property {

static std::string formOf(const Plan &plan) { return toJson(plan).at("form"); }

void Coverage::add(const Case &c) {
  const Description &d = c.description;
  Tiles tiles = tilesOf(c.plan);
  counts["target"][c.plan.target]++;
  counts["form"][formOf(c.plan)]++;
  counts["results"][d.part ? "merged" : d.isPartial ? "partial" : "output"]++;
  for (const Result &result : d.results)
    counts["results"][resultNames[result.kind]]++;
  counts["score"][d.score.pairwise   ? d.score.pairwise->kind
                  : d.score.isScaled ? "scaled"
                                     : "dot"]++;
  counts["normalizer"][d.normalizer.component.kind]++;
  for (auto [operand, name] :
       {std::pair(&d.query, "query"), std::pair(&d.key, "key"), std::pair(&d.value, "value")})
    counts[name][operand->made ? operand->made->component.kind : Writer::spell(operand->element)]++;
  counts["output"][Writer::spell(d.output)]++;
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
    tail("queries", call.queries, tiles.queries);
    tail("keys", call.keys, tiles.keys);
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
