// Words into vocabulary entries: the longest entry that fits, again and again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

struct WordPiece {
  std::unordered_map<std::string, int32_t> ids; ///< entries in UTF-8
  std::string continuingPrefix = "##";          ///< of every entry but a word's first
  int32_t unknown = 0;
  size_t maxWordLength = 100; ///< in characters; longer words are unknown

  /// Appends the ids of `word`: its pieces, or `unknown` alone when some part is in no entry.
  void append(std::u32string_view word, std::vector<int32_t> &out) const;
};

} // namespace heed
