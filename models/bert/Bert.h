// A BERT encoder on compiled kernels: token ids in, hidden states and attention weights out.
#pragma once

#include "models/bert/BertConfig.h"
#include "models/common/Buffer.h"
#include "models/common/Result.h"
#include "models/common/Safetensors.h"
#include "models/common/Tokenizer.h"

#include <span>
#include <string>
#include <vector>

namespace heed {

/// Texts of one call, padded on the right to the longest.
struct BertBatch {
  explicit BertBatch(std::span<const Encoding> texts);

  int64_t texts;                    ///< at least 1
  int64_t length;                   ///< tokens of the longest text
  std::vector<int32_t> lengths;     ///< (texts)
  std::vector<int32_t> wordIds;     ///< (texts, length)
  std::vector<int32_t> positionIds; ///< (texts, length)
  std::vector<int32_t> typeIds;     ///< (texts, length)
};

/// What the layers compute in, and what a call leaves behind. Memory grows to the largest batch
/// seen; one object serves any number of calls, one at a time.
class BertActivations {
public:
  bool keepHidden = false;    ///< set before the call: keep every layer's hidden states
  bool keepAttention = false; ///< likewise, the attention weights; on the CPU only

  /// (texts, length, hidden): the last layer's. Rows of padding hold no meaning.
  const float *output() const { return last; }
  /// (texts, length, hidden) after `layer` layers; 0 is the embedding layer.
  const float *hiddenAfter(int64_t layer) const { return layerHidden[layer].data(); }
  /// (texts, heads, length, length) of `layer`, from 0: how much a query (third) looks at a key
  /// (fourth).
  const float *attention(int64_t layer) const { return layerAttention[layer].data().memory; }

private:
  friend class Bert;
  Status reserve(const Device &device, int64_t layers, const BertBatch &batch);
  Status fetch(int64_t rows);

  // On the model's device.
  Placed<int32_t> lengths, wordIds, positionIds, typeIds; ///< the batch's
  Buffer<float> hidden;  ///< (rows, hidden): goes from layer to layer
  Buffer<float> middle;  ///< (rows, hidden): between a layer's two halves
  Buffer<float> sum;     ///< (rows, hidden): before a norm
  Buffer<float> context; ///< (rows, hidden): what attention gives
  Buffer<float> wide; ///< (rows, inner): query, key and value side by side; later the inner layer

  // On the CPU.
  const float *last = nullptr; ///< `hidden`, or its copy
  std::vector<float> lastCopy;
  std::vector<std::vector<float>> layerHidden;
  std::vector<Buffer<float>> layerAttention;
  Buffer<float> logSumExp;
};

class Bert {
public:
  /// From config.json and model.safetensors in `folder`. Matrices are packed for the kernels;
  /// everything else stays in the mapped file, or is copied to a device that is not the CPU.
  static Result<Bert> load(const std::string &folder, const Device &device = {});

  /// Runs all layers. Safe from several threads, each with its own activations.
  Status encode(const BertBatch &batch, BertActivations &activations) const;

  const BertConfig &config() const { return sizes; }
  const Device &runsOn() const { return device; }

private:
  struct Norm {
    Placed<float> gamma, beta; ///< (hidden)
  };
  struct Linear {
    Buffer<float> packed, bias;
  };
  struct Layer {
    Linear qkv, project, up, down;
    Norm attentionNorm, outputNorm;
  };
  class Loader;

  Status attend(const Layer &layer, const BertBatch &batch, BertActivations &activations,
                float *weights) const;
  Status feedForward(const Layer &layer, int64_t rows, BertActivations &activations) const;

  Device device;
  BertConfig sizes;
  std::vector<Safetensors> file; ///< one: keeps the mapping that the pointers below point into
  Placed<float> words, positions, types; ///< (vocabulary | positions | types, hidden)
  Norm embeddingNorm;
  std::vector<Layer> layers;
};

} // namespace heed
