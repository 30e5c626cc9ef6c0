#include "models/bert/Bert.h"

#include "bert_kernels.h"
#include "bert_weights.h"

#include <fmt/format.h>

#include <algorithm>

namespace heed {

namespace {

constexpr int64_t hidden = BertSizes::hidden, heads = BertSizes::heads,
                  headDim = BertSizes::headDim, inner = BertSizes::inner;
static_assert(BERT_QKV_PACKED_INPUTS == hidden && BERT_DOWN_PACKED_INPUTS == inner,
              "BertConfig.h and kernels.mlir disagree");

/// The runtime's status, with its message.
Status call(const char *kernel, heed_status status) {
  if (status == HEED_OK)
    return success();
  return Error{status, fmt::format("{}: {}", kernel, heed_last_error())};
}

} // namespace

BertBatch::BertBatch(std::span<const Encoding> encodings)
    : texts(static_cast<int64_t>(encodings.size())), length(0) {
  for (const Encoding &text : encodings) {
    lengths.push_back(static_cast<int32_t>(text.ids.size()));
    length = std::max<int64_t>(length, lengths.back());
  }
  wordIds.resize(texts * length);
  positionIds.resize(texts * length);
  typeIds.resize(texts * length);
  for (int64_t i = 0; i < texts; ++i) {
    std::ranges::copy(encodings[i].ids, wordIds.begin() + i * length);
    std::ranges::copy(encodings[i].typeIds, typeIds.begin() + i * length);
    for (int64_t j = 0; j < length; ++j)
      positionIds[i * length + j] = static_cast<int32_t>(j);
  }
}

Status BertActivations::reserve(const Device &device, int64_t layers, const BertBatch &batch) {
  size_t rows = batch.texts * batch.length;
  for (auto [buffer, columns] :
       {std::pair(&hidden, BertSizes::hidden), std::pair(&middle, BertSizes::hidden),
        std::pair(&sum, BertSizes::hidden), std::pair(&context, BertSizes::hidden),
        std::pair(&wide, BertSizes::inner)})
    if (Status status = buffer->reserve(device, rows * columns); !status)
      return status;
  for (auto [placed, host] :
       {std::pair(&lengths, &batch.lengths), std::pair(&wordIds, &batch.wordIds),
        std::pair(&positionIds, &batch.positionIds), std::pair(&typeIds, &batch.typeIds)})
    if (Status status = placed->place(device, *host); !status)
      return status;
  layerHidden.resize(keepHidden ? layers + 1 : 0);
  for (std::vector<float> &kept : layerHidden)
    kept.resize(rows * BertSizes::hidden);
  layerAttention.resize(keepAttention ? layers : 0);
  for (Buffer<float> &buffer : layerAttention)
    if (Status status = buffer.reserve({}, rows * BertSizes::heads * batch.length); !status)
      return status;
  return keepAttention ? logSumExp.reserve({}, rows * BertSizes::heads) : success();
}

Status Bert::encode(const BertBatch &batch, BertActivations &act) const {
  if (batch.length == 0 || batch.length > sizes.positions)
    return Error{HEED_WRONG_VALUE, fmt::format("a text of {} tokens: the model takes 1 to {}",
                                               batch.length, sizes.positions)};
  if (Status status = act.reserve(device, sizes.layers, batch); !status)
    return status;

  int64_t rows = batch.texts * batch.length;
  auto keep = [&](int64_t layer) {
    return act.keepHidden ? act.hidden.copyTo(act.layerHidden[layer]) : success();
  };
  Status status = call("bert_embed", bert_embed(Tensor(words.data(), {sizes.vocabulary, hidden}),
                                                Tensor(positions.data(), {sizes.positions, hidden}),
                                                Tensor(types.data(), {sizes.types, hidden}),
                                                Tensor(act.wordIds.data(), {rows}),
                                                Tensor(act.positionIds.data(), {rows}),
                                                Tensor(act.typeIds.data(), {rows}),
                                                Tensor(embeddingNorm.gamma.data(), {hidden}),
                                                Tensor(embeddingNorm.beta.data(), {hidden}),
                                                Tensor(act.hidden.data(), {rows, hidden})));
  if (status)
    status = keep(0);
  for (int64_t i = 0; status && i < sizes.layers; ++i) {
    status = attend(layers[i], batch, act,
                    act.keepAttention ? act.layerAttention[i].data().memory : nullptr);
    if (status)
      status = feedForward(layers[i], rows, act);
    if (status)
      status = keep(i + 1);
  }
  return status ? act.fetch(rows) : status;
}

Status BertActivations::fetch(int64_t rows) {
  last = hidden.data().memory;
  if (hidden.data().device.isCpu())
    return success();
  lastCopy.resize(rows * BertSizes::hidden);
  last = lastCopy.data();
  return hidden.copyTo(lastCopy);
}

/// hidden -> middle = norm(hidden + project(attention(hidden))); writes the weights if they are
/// asked for.
Status Bert::attend(const Layer &layer, const BertBatch &batch, BertActivations &act,
                    float *weights) const {
  int64_t texts = batch.texts, length = batch.length, rows = texts * length;
  Tensor x(act.hidden.data(), {rows, hidden});
  Tensor packed(layer.qkv.packed.data(), {BERT_QKV_PACKED_PANELS, hidden, BERT_QKV_PACKED_WIDTH});
  Status status = call("bert_qkv", bert_qkv(x, packed, Tensor(layer.qkv.bias.data(), {3 * hidden}),
                                            Tensor(act.wide.data(), {rows, 3 * hidden})));
  if (!status)
    return status;

  auto part = [&](int which) { // (texts, length, heads, headDim) of the columns of q, k or v
    return Tensor(act.wide.data() + which * hidden, {texts, length, heads, headDim},
                  {length * 3 * hidden, 3 * hidden, headDim, 1});
  };
  Tensor q = part(0), k = part(1), v = part(2), lengths(act.lengths.data(), {texts});
  Tensor context(act.context.data(), {texts, length, heads, headDim});
  if (weights)
    status = call("bert_attention_weights",
                  bert_attention_weights(q, k, v, lengths, context,
                                         Tensor(act.logSumExp.data(), {texts, heads, length}),
                                         Tensor(weights, {texts, heads, length, length})));
  else
    status = call("bert_attention", bert_attention(q, k, v, lengths, context));
  if (!status)
    return status;

  Tensor projection(layer.project.packed.data(),
                    {BERT_PROJECT_PACKED_PANELS, hidden, BERT_PROJECT_PACKED_WIDTH});
  Tensor sum(act.sum.data(), {rows, hidden});
  status = call("bert_project", bert_project(Tensor(act.context.data(), {rows, hidden}), projection,
                                             Tensor(layer.project.bias.data(), {hidden}), x, sum));
  if (!status)
    return status;
  return call("bert_norm", bert_norm(sum, Tensor(layer.attentionNorm.gamma.data(), {hidden}),
                                     Tensor(layer.attentionNorm.beta.data(), {hidden}),
                                     Tensor(act.middle.data(), {rows, hidden})));
}

/// middle -> hidden = norm(middle + down(gelu(up(middle))))
Status Bert::feedForward(const Layer &layer, int64_t rows, BertActivations &act) const {
  Tensor middle(act.middle.data(), {rows, hidden}), wide(act.wide.data(), {rows, inner});
  Tensor sum(act.sum.data(), {rows, hidden});
  Tensor up(layer.up.packed.data(), {BERT_UP_PACKED_PANELS, hidden, BERT_UP_PACKED_WIDTH});
  Tensor down(layer.down.packed.data(), {BERT_DOWN_PACKED_PANELS, inner, BERT_DOWN_PACKED_WIDTH});
  Status status = call("bert_up", bert_up(middle, up, Tensor(layer.up.bias.data(), {inner}), wide));
  if (!status)
    return status;
  status = call("bert_down",
                bert_down(wide, down, Tensor(layer.down.bias.data(), {hidden}), middle, sum));
  if (!status)
    return status;
  return call("bert_norm", bert_norm(sum, Tensor(layer.outputNorm.gamma.data(), {hidden}),
                                     Tensor(layer.outputNorm.beta.data(), {hidden}),
                                     Tensor(act.hidden.data(), {rows, hidden})));
}

/// Finds the weights by the names the published checkpoints use. The first error is kept; what is
/// read after it is empty.
class Bert::Loader {
public:
  Loader(const Safetensors &file, const Device &device) : file(file), device(device) {}

  std::optional<Error> error;

  Placed<float> placed(const std::string &name, std::initializer_list<int64_t> shape) {
    Placed<float> result;
    keep(result.place(device, read(name, shape)));
    return result;
  }

  Norm norm(const std::string &name) {
    return {placed(name + ".weight", {hidden}), placed(name + ".bias", {hidden})};
  }

  /// The matrices `names`, each (outputs, inputs), side by side as one linear layer.
  using Pack = heed_status (*)(const DLTensor *weights, DLTensor *packed);
  Linear linear(std::vector<std::string> names, int64_t outputs, int64_t inputs, Pack pack,
                std::initializer_list<int64_t> packedShape) {
    Linear result;
    std::vector<float> weights, bias; // (outputs of all, inputs), (outputs of all)
    for (const std::string &name : names) {
      std::ranges::copy(read(name + ".weight", {outputs, inputs}), std::back_inserter(weights));
      std::ranges::copy(read(name + ".bias", {outputs}), std::back_inserter(bias));
    }
    size_t packedSize = 1;
    for (int64_t extent : packedShape)
      packedSize *= extent;
    Placed<float> raw;
    keep(raw.place(device, weights));
    keep(result.bias.assign(device, bias));
    keep(result.packed.reserve(device, packedSize));
    if (error)
      return result;
    int64_t columns = static_cast<int64_t>(bias.size());
    keep(call("packing", pack(Tensor(raw.data(), {inputs, columns}, {1, inputs}), // transposed
                              Tensor(result.packed.data(), packedShape))));
    return result;
  }

private:
  const Safetensors &file;
  const Device &device;

  std::span<const float> read(const std::string &name, std::initializer_list<int64_t> shape) {
    auto values = file.values<float>(name, {shape.begin(), shape.size()});
    if (values)
      return *values;
    keep(values.error());
    return {};
  }
  void keep(const Status &status) {
    if (!error && !status)
      error = status.error();
  }
};

Result<Bert> Bert::load(const std::string &folder, const Device &device) {
  Result<BertConfig> config = readBertConfig(folder + "/config.json");
  if (!config)
    return config.error();
  Result<Safetensors> file = Safetensors::open(folder + "/model.safetensors");
  if (!file)
    return file.error();

  Bert bert;
  bert.device = device;
  bert.sizes = *config;
  Loader loader(*file, device);
  bert.words = loader.placed("embeddings.word_embeddings.weight", {config->vocabulary, hidden});
  bert.positions =
      loader.placed("embeddings.position_embeddings.weight", {config->positions, hidden});
  bert.types = loader.placed("embeddings.token_type_embeddings.weight", {config->types, hidden});
  bert.embeddingNorm = loader.norm("embeddings.LayerNorm");
  for (int64_t i = 0; i < config->layers && !loader.error; ++i) {
    std::string name = fmt::format("encoder.layer.{}.", i), self = name + "attention.self.";
    bert.layers.push_back({
        .qkv =
            loader.linear({self + "query", self + "key", self + "value"}, hidden, hidden,
                          bert_qkv_pack, {BERT_QKV_PACKED_PANELS, hidden, BERT_QKV_PACKED_WIDTH}),
        .project =
            loader.linear({name + "attention.output.dense"}, hidden, hidden, bert_project_pack,
                          {BERT_PROJECT_PACKED_PANELS, hidden, BERT_PROJECT_PACKED_WIDTH}),
        .up = loader.linear({name + "intermediate.dense"}, inner, hidden, bert_up_pack,
                            {BERT_UP_PACKED_PANELS, hidden, BERT_UP_PACKED_WIDTH}),
        .down = loader.linear({name + "output.dense"}, hidden, inner, bert_down_pack,
                              {BERT_DOWN_PACKED_PANELS, inner, BERT_DOWN_PACKED_WIDTH}),
        .attentionNorm = loader.norm(name + "attention.output.LayerNorm"),
        .outputNorm = loader.norm(name + "output.LayerNorm"),
    });
  }
  if (loader.error)
    return *loader.error;
  bert.file.push_back(std::move(*file));
  return bert;
}

} // namespace heed
