#include "models/bert/BertConfig.h"
#include "models/common/Json.h"

#include <fmt/format.h>

namespace heed {

namespace {

/// json[key] must be `compiled`: the kernels have it built in.
template <typename T>
Status require(const nlohmann::json &json, const char *key, const T &compiled,
               const std::string &path) {
  Result<T> value = jsonField<T>(json, key, path);
  if (!value)
    return value.error();
  if (*value != compiled)
    return Error{HEED_BAD_FILE,
                 fmt::format("{}: '{}' is {}, but the kernels are compiled for {}: change "
                             "models/bert/kernels.mlir and BertConfig.h, or use another model",
                             path, key, *value, compiled)};
  return success();
}

} // namespace

Result<BertConfig> readBertConfig(const std::string &path) {
  Result<nlohmann::json> json = readJson(path);
  if (!json)
    return json.error();
  for (Status status : {
           require<std::string>(*json, "model_type", "bert", path),
           require<std::string>(*json, "hidden_act", "gelu", path),
           require<std::string>(*json, "position_embedding_type", "absolute", path),
           require<int>(*json, "hidden_size", BertSizes::hidden, path),
           require<int>(*json, "num_attention_heads", BertSizes::heads, path),
           require<int>(*json, "intermediate_size", BertSizes::inner, path),
           require<double>(*json, "layer_norm_eps", 1e-12, path),
       })
    if (!status)
      return status.error();

  BertConfig config;
  for (auto [key, out] :
       {std::pair("num_hidden_layers", &config.layers), std::pair("vocab_size", &config.vocabulary),
        std::pair("max_position_embeddings", &config.positions),
        std::pair("type_vocab_size", &config.types)}) {
    Result<int> value = jsonField<int>(*json, key, path);
    if (!value)
      return value.error();
    if (*value < 1)
      return Error{HEED_BAD_FILE, fmt::format("{}: '{}' must be at least 1", path, key)};
    *out = *value;
  }
  return config;
}

} // namespace heed
