#include "models/heatmap/Words.h"
#include "models/common/Unicode.h"

#include <algorithm>

namespace heed {

namespace {

bool isSubject(const Word &word) { return !word.special && !word.punctuation; }

} // namespace

std::vector<Word> wordsOf(const AttentionMap &map) {
  std::vector<Word> words;
  for (size_t i = 0; i < map.tokens.size(); ++i) {
    const MapToken &token = map.tokens[i];
    if (token.continues && !words.empty() && !words.back().special) {
      words.back().text += token.text.substr(2); // without ##
      words.back().end = i + 1;
      words.back().punctuation = false;
      continue;
    }
    std::u32string characters = decodeUtf8(token.text);
    words.push_back({token.text, i, i + 1, token.special,
                     characters.size() == 1 && isPunctuation(characters[0])});
  }
  return words;
}

float wordWeight(const AttentionMap &map, int64_t layer, int64_t head, const Word &from,
                 const Word &to) {
  float sum = 0;
  for (size_t query = from.begin; query < from.end; ++query)
    for (size_t key = to.begin; key < to.end; ++key)
      sum += map.weight(layer, head, query, key);
  return sum / static_cast<float>(from.end - from.begin);
}

std::vector<Look> mostLookedAt(const AttentionMap &map, std::span<const Word> words, int64_t layer,
                               size_t from, size_t count) {
  std::vector<Look> looks;
  for (size_t to = 0; to < words.size(); ++to) {
    if (to == from || !isSubject(words[to]))
      continue;
    float sum = 0;
    for (int64_t head = 0; head < map.heads; ++head)
      sum += wordWeight(map, layer, head, words[from], words[to]);
    looks.push_back({to, sum / static_cast<float>(map.heads)});
  }
  std::ranges::sort(looks, std::greater(), &Look::weight);
  looks.resize(std::min(looks.size(), count));
  return looks;
}

std::optional<Telling> mostTelling(const AttentionMap &map, std::span<const Word> words,
                                   int64_t layer, std::optional<size_t> word) {
  std::optional<Telling> best;
  float bestWeight = -1;
  for (size_t from = word.value_or(0); from < (word ? *word + 1 : words.size()); ++from)
    for (size_t to = 0; to < words.size(); ++to) {
      size_t distance = from < to ? to - from : from - to;
      if (distance < 2 || !isSubject(words[from]) || !isSubject(words[to]))
        continue;
      for (int64_t head = 0; head < map.heads; ++head)
        if (float weight = wordWeight(map, layer, head, words[from], words[to]);
            weight > bestWeight) {
          best = {from, head};
          bestWeight = weight;
        }
    }
  return best;
}

} // namespace heed
