// config.json of a BERT encoder, and whether the compiled kernels can run it.
#pragma once

#include "models/common/Result.h"

#include <cstdint>
#include <string>

namespace heed {

/// The sizes that kernels.mlir fixes; all others may differ from model to model.
struct BertSizes {
  static constexpr int64_t hidden = 384;
  static constexpr int64_t heads = 12;
  static constexpr int64_t headDim = hidden / heads;
  static constexpr int64_t inner = 1536; ///< width of the layer between up and down
};

struct BertConfig {
  int64_t layers;
  int64_t vocabulary; ///< rows of the word embeddings
  int64_t positions;  ///< the longest text, in tokens
  int64_t types;      ///< rows of the type embeddings
};

/// An error names the first entry that the compiled kernels do not fit.
Result<BertConfig> readBertConfig(const std::string &path);

} // namespace heed
