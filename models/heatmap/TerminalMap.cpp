#include "models/heatmap/TerminalMap.h"
#include "models/common/Unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace heed {

namespace {

constexpr size_t longestLabel = 12; ///< characters of a token shown

/// From no weight to all of it; legible on dark and light terminals.
constexpr int colors[] = {234, 53, 90, 126, 162, 198, 203, 209, 215, 222};
constexpr const char *shades[] = {" ", "·", "░", "░", "▒", "▒", "▓", "▓", "█", "█"};
static_assert(std::size(colors) == std::size(shades));

std::u32string label(const MapToken &token) {
  std::u32string text = decodeUtf8(token.text);
  if (text.size() > longestLabel)
    text = text.substr(0, longestLabel - 1) + U"…";
  return text;
}

size_t width(std::u32string_view text) {
  size_t columns = 0;
  for (char32_t c : text)
    columns += displayWidth(c);
  return columns;
}

/// Small weights are the many: the square root tells them apart.
int shadeOf(float weight) {
  constexpr int steps = std::size(colors);
  return std::clamp(static_cast<int>(std::sqrt(weight) * steps), 0, steps - 1);
}

std::string cell(int shade, bool color) {
  return color ? fmt::format("\x1b[48;5;{}m  \x1b[0m", colors[shade])
               : fmt::format("{0}{0}", shades[shade]);
}

/// The keys' labels, written downwards.
std::string header(const std::vector<std::u32string> &labels, size_t keys, size_t indent) {
  size_t lines = 0;
  for (size_t key = 0; key < keys; ++key)
    lines = std::max(lines, labels[key].size());
  std::string result;
  for (size_t line = 0; line < lines; ++line) {
    result += std::string(indent, ' ');
    for (size_t key = 0; key < keys; ++key) {
      size_t blank = lines - labels[key].size();
      char32_t c = line < blank ? U' ' : labels[key][line - blank];
      result += encodeUtf8({&c, 1}) + std::string(2 - std::min(2, displayWidth(c)), ' ');
    }
    result += '\n';
  }
  return result;
}

} // namespace

std::string renderMap(const AttentionMap &map, int64_t layer, int64_t head,
                      const TerminalStyle &style) {
  std::vector<std::u32string> labels;
  size_t labelWidth = 0;
  for (const MapToken &token : map.tokens) {
    labels.push_back(label(token));
    labelWidth = std::max(labelWidth, width(labels.back()));
  }
  size_t room = style.columns > labelWidth + 3 ? (style.columns - labelWidth - 1) / 2 : 1;
  size_t keys = std::min(map.tokens.size(), room);

  std::string result = header(labels, keys, labelWidth + 1);
  for (size_t query = 0; query < map.tokens.size(); ++query) {
    result += std::string(labelWidth - width(labels[query]), ' ') + encodeUtf8(labels[query]) + ' ';
    for (size_t key = 0; key < keys; ++key)
      result += cell(shadeOf(map.weight(layer, head, query, key)), style.color);
    result += '\n';
  }
  result += std::string(labelWidth + 1, ' ') + "0 ";
  for (size_t shade = 0; shade < std::size(colors); ++shade)
    result += cell(static_cast<int>(shade), style.color);
  result += " 1\n";
  if (keys < map.tokens.size())
    result += fmt::format("({} more columns do not fit here; the page of --heatmap has them all)\n",
                          map.tokens.size() - keys);
  return result;
}

} // namespace heed
