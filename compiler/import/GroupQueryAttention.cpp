// com.microsoft.GroupQueryAttention
// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
#include "compiler/import/Operators.h"
#include "compiler/import/ReadRows.h"

using namespace mlir;

namespace heed::onnx {

static constexpr StringRef inputs[] = {"query",
                                       "key",
                                       "value",
                                       "past_key",
                                       "past_value",
                                       "seqlens_k",
                                       "total_sequence_length",
                                       "cos_cache",
                                       "sin_cache",
                                       "position_ids",
                                       "attention_bias",
                                       "head_sink",
                                       "k_scale",
                                       "v_scale"};
static constexpr StringRef outputs[] = {"output", "present_key", "present_value", "output_qk"};

/// Queries and keys are rotated by their places, or by position_ids.
static void readRotary(Node &node, Attention &attention) {
  bool rotates = node.flag("do_rotary");
  Rotary rotary;
  rotary.interleaved = node.flag("rotary_interleaved");
  std::optional<Tensor> cosines = node.input("cos_cache"), sines = node.input("sin_cache");
  rotary.positions = node.input("position_ids");
  if (!rotates)
    return;
  if (!cosines || !sines || cosines->shape.size() != 2 || !cosines->shape[1].isFixed() ||
      sines->shape.size() != 2 || sines->shape[1] != cosines->shape[1])
    return node.mistake("do_rotary needs cos_cache and sin_cache of the same fixed width");
  rotary.dim = 2 * cosines->shape[1].number;
  if (rotary.dim > attention.query.dim)
    node.mistake("input cos_cache has the shape " + toString(cosines->shape) +
                 ", too wide for heads of " + Twine(attention.query.dim));
  for (const Tensor *table : {&*cosines, &*sines})
    if (table->element != attention.query.tensor.element)
      node.mistake("inputs cos_cache and sin_cache have to have the type of query");
  if (rotary.positions &&
      (rotary.positions->shape.size() != 2 || !rotary.positions->element.isInteger(64)))
    node.mistake("input position_ids has to be of type int64 and rank 2");
  rotary.byPlace = !rotary.positions;
  rotary.cosines = std::move(*cosines);
  rotary.sines = std::move(*sines);
  attention.query.rotary = attention.key.rotary = std::move(rotary);
}

/// Attributes that change what is computed, where they are not what leaves them off.
static void refuse(Node &node, StringRef attribute, int64_t off) {
  if (int64_t value = node.integer(attribute).value_or(off); value != off)
    node.mistake("attribute " + attribute + " is " + Twine(value) + ": only " + Twine(off) +
                 " is supported");
}

static Attention read(Node &node, int64_t) {
  Attention attention;
  int64_t heads = node.requiredCount("num_heads"), keyHeads = node.requiredCount("kv_num_heads");
  if (node.inputName("key").empty() || node.inputName("value").empty())
    node.mistake("has query, key and value packed into one input: give them apart");
  attention.query = readRows(node, "query", heads);
  attention.key = readRows(node, "key", keyHeads);
  attention.value = readRows(node, "value", keyHeads);
  Tensor lengths = node.requiredInput("seqlens_k");
  if (node.isGood() && (lengths.shape.size() != 1 || !lengths.element.isInteger(32)))
    node.mistake("input seqlens_k has to be of type int32 and rank 1");
  attention.keyCounts = {std::move(lengths), 1};
  node.inputName("total_sequence_length"); // the largest of them
  readRotary(node, attention);
  readCache(node, attention);
  attention.firstPlace = {FirstPlace::Appended};
  attention.right = 0;
  // The window counts the query's own place.
  if (int64_t window = node.integer("local_window_size").value_or(-1); window > 0)
    attention.left = window - 1;
  if (double scale = node.real("scale").value_or(0); scale != 0)
    attention.scale = scale;
  if (double cap = node.real("softcap").value_or(0); cap > 0)
    attention.cap = cap;
  attention.bias = readScoreTensor(node, "attention_bias", attention,
                                   {Axis::Batch, Axis::Head, Axis::Query, Axis::Key});
  if (attention.bias && attention.bias->tensor.element != attention.query.tensor.element)
    node.mistake("input attention_bias has to have the type of query");
  refuse(node, "smooth_softmax", 0);
  refuse(node, "qk_output", 0);
  node.output("output", true);
  return attention;
}

const Operator groupQueryAttentionOperator = {
    "com.microsoft", "GroupQueryAttention", 1, 1, {inputs, outputs}, read};

} // namespace heed::onnx
