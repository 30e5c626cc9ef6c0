// Texts in, embeddings and attention maps out: tokenizer, encoder and pooling of one model folder.
#pragma once

#include "models/bert/Bert.h"
#include "models/common/Result.h"
#include "models/common/Tokenizer.h"
#include "models/heatmap/AttentionMap.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace heed {

class SentenceEncoder {
public:
  /// A folder as sentence-transformers writes it: config.json, model.safetensors, tokenizer.json,
  /// and where present sentence_bert_config.json (the longest text) and modules.json (pooling).
  static Result<SentenceEncoder> load(const std::string &folder, const Device &device = {});

  /// Token ids, cut to the model's longest text.
  Encoding tokenize(std::string_view text) const { return tokenizer.encode(text, maxTokens); }

  /// One vector of length 1 for each text, in their order. Texts of similar length share a batch.
  /// `progress`, where given, is told after each batch how many texts are done.
  Result<std::vector<std::vector<float>>>
  embed(std::span<const Encoding> texts,
        const std::function<void(size_t)> &progress = nullptr) const;

  /// The weights of every head for one text; on the CPU only.
  Result<AttentionMap> attention(const std::string &text) const;

  /// A word as maps spell it: lower case and without accents where the model reads text so.
  std::string spelling(std::string_view word) const;

  size_t longestText() const { return maxTokens; } ///< in tokens

private:
  SentenceEncoder(Tokenizer tokenizer, Bert bert, size_t maxTokens)
      : tokenizer(std::move(tokenizer)), bert(std::move(bert)), maxTokens(maxTokens) {}

  Tokenizer tokenizer;
  Bert bert;
  size_t maxTokens;
};

} // namespace heed
