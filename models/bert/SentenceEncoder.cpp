#include "models/bert/SentenceEncoder.h"
#include "models/bert/Pooling.h"
#include "models/common/Json.h"
#include "models/common/Unicode.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

namespace heed {

namespace {

/// Enough rows to share the weights between; more would only cost memory.
constexpr size_t textsPerBatch = 16;

Result<size_t> longestText(const std::string &folder, const BertConfig &config) {
  std::string path = folder + "/sentence_bert_config.json";
  if (!std::filesystem::exists(path))
    return static_cast<size_t>(config.positions);
  Result<nlohmann::json> json = readJson(path);
  if (!json)
    return json.error();
  Result<int> length = jsonField<int>(*json, "max_seq_length", path);
  if (!length)
    return length.error();
  if (*length < 1 || *length > config.positions)
    return Error{HEED_BAD_FILE, path + ": 'max_seq_length' must be between 1 and "
                                       "config.json's max_position_embeddings"};
  return static_cast<size_t>(*length);
}

} // namespace

Result<SentenceEncoder> SentenceEncoder::load(const std::string &folder, const Device &device) {
  Result<Tokenizer> tokenizer = Tokenizer::open(folder + "/tokenizer.json");
  if (!tokenizer)
    return tokenizer.error();
  if (Status status = checkPooling(folder); !status)
    return status.error();
  Result<Bert> bert = Bert::load(folder, device);
  if (!bert)
    return bert.error();
  Result<size_t> length = heed::longestText(folder, bert->config());
  if (!length)
    return length.error();
  return SentenceEncoder(std::move(*tokenizer), std::move(*bert), *length);
}

Result<std::vector<std::vector<float>>>
SentenceEncoder::embed(std::span<const Encoding> texts,
                       const std::function<void(size_t)> &progress) const {
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::less(), [&](size_t i) { return texts[i].ids.size(); });

  std::vector<std::vector<float>> result(texts.size());
  BertActivations activations;
  for (size_t begin = 0; begin < order.size(); begin += textsPerBatch) {
    size_t end = std::min(begin + textsPerBatch, order.size());
    std::vector<Encoding> chosen;
    for (size_t i = begin; i < end; ++i)
      chosen.push_back(texts[order[i]]);
    BertBatch batch(chosen);
    if (Status status = bert.encode(batch, activations); !status)
      return status.error();
    for (size_t i = begin; i < end; ++i) {
      const float *hidden = activations.output() + (i - begin) * batch.length * BertSizes::hidden;
      size_t size = batch.lengths[i - begin] * BertSizes::hidden;
      result[order[i]] = meanPool({hidden, size}, BertSizes::hidden);
    }
    if (progress)
      progress(end);
  }
  return result;
}

std::string SentenceEncoder::spelling(std::string_view word) const {
  std::string result;
  for (int32_t id : tokenizer.encode(word).ids)
    if (!tokenizer.isSpecial(id))
      result += tokenizer.token(id).substr(tokenizer.continuesWord(id) ? 2 : 0);
  return result;
}

Result<AttentionMap> SentenceEncoder::attention(const std::string &text) const {
  Encoding encoding = tokenize(text);
  BertActivations activations;
  activations.keepAttention = true;
  if (Status status = bert.encode(BertBatch(std::span(&encoding, 1)), activations); !status)
    return status.error();

  AttentionMap map{.text = encodeUtf8(decodeUtf8(text)),
                   .tokens = {},
                   .layers = bert.config().layers,
                   .heads = BertSizes::heads,
                   .weights = {}};
  for (int32_t id : encoding.ids)
    map.tokens.push_back(
        {tokenizer.token(id), tokenizer.isSpecial(id), tokenizer.continuesWord(id)});
  size_t layerSize = map.heads * map.tokens.size() * map.tokens.size();
  for (int64_t layer = 0; layer < map.layers; ++layer)
    map.weights.insert(map.weights.end(), activations.attention(layer),
                       activations.attention(layer) + layerSize);
  return map;
}

} // namespace heed
