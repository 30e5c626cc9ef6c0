// How much every token of one text looks at every other, in each head of each layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct MapToken {
  std::string text;
  bool special;   ///< the model's own, like [CLS]
  bool continues; ///< belongs to the word of the token before it
};

struct AttentionMap {
  std::string text; ///< UTF-8
  std::vector<MapToken> tokens;
  int64_t layers, heads;
  std::vector<float> weights; ///< (layers, heads, queries, keys); each row of keys sums to 1

  float weight(int64_t layer, int64_t head, size_t query, size_t key) const {
    return weights[((layer * heads + head) * tokens.size() + query) * tokens.size() + key];
  }
};

} // namespace heed
