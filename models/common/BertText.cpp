#include "models/common/BertText.h"
#include "models/common/Unicode.h"

#include <algorithm>

namespace heed {

namespace {

std::u32string clean(std::u32string_view text) {
  std::u32string result;
  for (char32_t c : text) {
    if (c == '\t' || c == '\n' || c == '\r') // controls by category, white space here
      result.push_back(' ');
    else if (c != 0xFFFD && !isControl(c))
      result.push_back(isWhitespace(c) ? U' ' : c);
  }
  return result;
}

/// The CJK blocks of the original BERT; kana and Hangul are words like any other.
bool isChinese(char32_t c) {
  constexpr std::pair<char32_t, char32_t> blocks[] = {
      {0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
      {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F},
  };
  return std::any_of(std::begin(blocks), std::end(blocks),
                     [c](auto block) { return c >= block.first && c <= block.second; });
}

std::u32string separateChinese(std::u32string_view text) {
  std::u32string result;
  for (char32_t c : text) {
    if (isChinese(c))
      result.append({U' ', c, U' '});
    else
      result.push_back(c);
  }
  return result;
}

bool isSeparate(char32_t c) {
  bool asciiSymbol = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
                     (c >= 123 && c <= 126);
  return asciiSymbol || isPunctuation(c);
}

} // namespace

std::u32string BertNormalizer::normalize(std::u32string_view text) const {
  std::u32string result(text);
  if (cleanText)
    result = clean(result);
  if (handleChineseChars)
    result = separateChinese(result);
  if (stripAccents) {
    result = decompose(result);
    std::erase_if(result, isNonspacingMark);
  }
  if (lowercase)
    result = heed::lowercase(result);
  return result;
}

std::vector<std::u32string> splitWords(std::u32string_view text) {
  std::vector<std::u32string> words;
  bool open = false; // the last word may grow
  for (char32_t c : text) {
    if (isWhitespace(c)) {
      open = false;
    } else if (isSeparate(c)) {
      words.emplace_back(1, c);
      open = false;
    } else {
      if (!open)
        words.emplace_back();
      words.back().push_back(c);
      open = true;
    }
  }
  return words;
}

} // namespace heed
