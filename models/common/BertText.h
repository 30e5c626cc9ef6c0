// Text into words, as BERT does it before its vocabulary is asked.
// Same as BertNormalizer and BertPreTokenizer of https://github.com/huggingface/tokenizers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

struct BertNormalizer {
  bool cleanText = true;          ///< drop control characters, make every white space a blank
  bool handleChineseChars = true; ///< a word for each CJK ideograph
  bool stripAccents = true;
  bool lowercase = true;

  std::u32string normalize(std::u32string_view text) const;
};

/// Splits at white space, which is dropped, and around each punctuation character, which is a word.
std::vector<std::u32string> splitWords(std::u32string_view text);

} // namespace heed
