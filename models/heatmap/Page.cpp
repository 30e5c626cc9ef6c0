#include "models/heatmap/Page.h"
#include "models/heatmap/PageTemplate.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed {

namespace {

/// The weights from `position` on as nested lists of these extents.
void appendNested(std::string &out, const float *&position, std::span<const size_t> extents) {
  out += '[';
  for (size_t i = 0; i < extents.front(); ++i) {
    if (i > 0)
      out += ',';
    if (extents.size() > 1)
      appendNested(out, position, extents.subspan(1));
    else
      fmt::format_to(std::back_inserter(out), "{:.5g}", *position++);
  }
  out += ']';
}

std::string json(const AttentionMap &map) {
  nlohmann::json tokens = nlohmann::json::array();
  for (const MapToken &token : map.tokens)
    tokens.push_back(
        {{"text", token.text}, {"special", token.special}, {"continues", token.continues}});
  std::string result = fmt::format(
      "{{\"text\":{},\"tokens\":{},\"weights\":", nlohmann::json(map.text).dump(), tokens.dump());
  const float *position = map.weights.data();
  size_t extents[] = {static_cast<size_t>(map.layers), static_cast<size_t>(map.heads),
                      map.tokens.size(), map.tokens.size()};
  appendNested(result, position, extents);
  return result + '}';
}

/// So that no text ends the script element it stands in.
std::string escapeForScript(std::string text) {
  for (size_t i = 0; (i = text.find('<', i)) != std::string::npos;)
    text.replace(i, 1, "\\u003c");
  return text;
}

} // namespace

std::string heatMapPage(std::span<const AttentionMap> maps, PageStart start) {
  std::string data = fmt::format("{{\"start\":{{\"layer\":{},\"head\":{},\"token\":{}}},\"maps\":[",
                                 start.layer, start.head, start.token);
  for (size_t i = 0; i < maps.size(); ++i)
    data += (i > 0 ? "," : "") + json(maps[i]);
  std::string page = pageTemplate;
  const std::string_view mark = "HEED_DATA";
  return page.replace(page.find(mark), mark.size(), escapeForScript(data + "]}"));
}

} // namespace heed
