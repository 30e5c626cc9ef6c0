// com.microsoft.MultiHeadAttention
// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
#include "compiler/import/Operators.h"
#include "compiler/import/ReadRows.h"

using namespace mlir;

namespace heed::onnx {

static constexpr StringRef inputs[] = {"query",
                                       "key",
                                       "value",
                                       "bias",
                                       "key_padding_mask",
                                       "attention_bias",
                                       "past_key",
                                       "past_value",
                                       "past_sequence_length",
                                       "cache_indirection"};
static constexpr StringRef outputs[] = {"output", "present_key", "present_value", "qk"};

/// Lengths (batch), or what counts: (batch, keys) or (batch, queries, keys).
static void readPadding(Node &node, Attention &attention) {
  std::optional<Tensor> padding = node.input("key_padding_mask");
  if (!padding)
    return;
  if (!padding->element.isInteger(32))
    node.mistake("input key_padding_mask has to be of type int32");
  if (padding->shape.size() == 1)
    attention.keyCounts = {std::move(*padding)};
  else if (padding->shape.size() == 2)
    attention.keep = readScoreTensor(node, "key_padding_mask", attention, {Axis::Batch, Axis::Key});
  else
    attention.keep =
        readScoreTensor(node, "key_padding_mask", attention, {Axis::Batch, Axis::Query, Axis::Key});
}

static Attention read(Node &node, int64_t) {
  Attention attention;
  int64_t heads = node.requiredCount("num_heads");
  attention.query = readRows(node, "query", heads);
  attention.key = readRows(node, "key", heads);
  attention.value = readRows(node, "value", heads);
  readCache(node, attention);
  if (double scale = node.real("scale").value_or(0); scale != 0)
    attention.scale = scale;
  readPadding(node, attention);
  attention.bias = readScoreTensor(node, "attention_bias", attention,
                                   {Axis::Batch, Axis::Head, Axis::Query, Axis::Key});
  if (attention.bias && attention.bias->tensor.element != attention.query.tensor.element)
    node.mistake("input attention_bias has to have the type of query");
  if (node.flag("unidirectional")) {
    attention.right = 0;
    attention.firstPlace = placeAfterPast(node, attention);
  }
  node.real("mask_filter_value"); // a masked pair doesn't count at all
  if (node.output("qk"))
    attention.scores = Stage::Score;
  node.output("output", true);
  return attention;
}

const Operator multiHeadAttentionOperator = {
    "com.microsoft", "MultiHeadAttention", 1, 1, {inputs, outputs}, read};

} // namespace heed::onnx
