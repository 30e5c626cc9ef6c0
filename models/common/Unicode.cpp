#include "models/common/Unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace heed {

std::u32string decodeUtf8(std::string_view text) {
  std::u32string result;
  result.reserve(text.size());
  auto *bytes = reinterpret_cast<const utf8proc_uint8_t *>(text.data());
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t c;
    utf8proc_ssize_t length = utf8proc_iterate(bytes + i, text.size() - i, &c);
    result.push_back(length > 0 ? c : 0xFFFD);
    i += std::max<utf8proc_ssize_t>(length, 1);
  }
  return result;
}

std::string encodeUtf8(std::u32string_view text) {
  std::string result;
  for (char32_t c : text) {
    utf8proc_uint8_t bytes[4];
    result.append(reinterpret_cast<char *>(bytes), utf8proc_encode_char(c, bytes));
  }
  return result;
}

namespace {

/// Puts each run of combining characters into canonical order: by class, else as they stood
/// (Unicode 3.11, D109).
void orderCombining(std::u32string &text) {
  auto combiningClass = [](char32_t c) { return utf8proc_get_property(c)->combining_class; };
  auto isStarter = [&](char32_t c) { return combiningClass(c) == 0; };
  std::vector<std::tuple<int, size_t, char32_t>> run; // class, place, character
  for (auto begin = text.begin(); begin != text.end();) {
    begin = std::find_if_not(begin, text.end(), isStarter);
    auto end = std::find_if(begin, text.end(), isStarter);
    run.clear();
    for (auto at = begin; at != end; ++at)
      run.emplace_back(combiningClass(*at), run.size(), *at);
    std::ranges::sort(run);
    begin = std::ranges::transform(run, begin, [](auto &c) { return std::get<2>(c); }).out;
  }
}

} // namespace

std::u32string decompose(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (char32_t c : text) {
    utf8proc_int32_t parts[8]; // the longest canonical decomposition has 4 characters
    int boundClass = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(c, parts, 8, UTF8PROC_DECOMPOSE, &boundClass);
    result.append(parts, parts + count);
  }
  orderCombining(result);
  return result;
}

std::u32string lowercase(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (char32_t c : text) {
    result.push_back(utf8proc_tolower(c));
    if (c == 0x0130) // the one character whose lower case takes two
      result.push_back(0x0307);
  }
  return result;
}

int displayWidth(char32_t c) { return utf8proc_charwidth(c); }

bool isWhitespace(char32_t c) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x85)
    return true;
  utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP;
}

bool isControl(char32_t c) {
  utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
         category == UTF8PROC_CATEGORY_CO;
}

bool isPunctuation(char32_t c) {
  utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool isNonspacingMark(char32_t c) { return utf8proc_category(c) == UTF8PROC_CATEGORY_MN; }

} // namespace heed
