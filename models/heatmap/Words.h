// From tokens to words: what a reader asks an attention map about.
#pragma once

#include "models/heatmap/AttentionMap.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace heed {

/// Tokens [begin, end) of a map, spelled together.
struct Word {
  std::string text;
  size_t begin, end;
  bool special;     ///< of the model's own tokens
  bool punctuation; ///< one punctuation character
};

std::vector<Word> wordsOf(const AttentionMap &map);

/// How much `from` looks at `to`: the mean over from's tokens of the sum over to's tokens
/// (Clark et al. 2019, section 4.1).
float wordWeight(const AttentionMap &map, int64_t layer, int64_t head, const Word &from,
                 const Word &to);

struct Look {
  size_t word;  ///< index into the words
  float weight; ///< mean over the layer's heads
};

/// The `count` words that word `from` looks at most in `layer`: itself, special tokens and
/// punctuation left out.
std::vector<Look> mostLookedAt(const AttentionMap &map, std::span<const Word> words, int64_t layer,
                               size_t from, size_t count);

struct Telling {
  size_t word;
  int64_t head;
};

/// The word and head of `layer` with the largest weight on one other word, neighbours, special
/// tokens and punctuation left out. `word`, where given, fixes the word. None when no word has
/// another to look at.
std::optional<Telling> mostTelling(const AttentionMap &map, std::span<const Word> words,
                                   int64_t layer, std::optional<size_t> word);

} // namespace heed
