// Attention, ONNX operator sets 23 to 25 (onnx/defs/nn/defs.cc; later sets have not changed it).
#include "compiler/import/Operators.h"
#include "compiler/import/ReadRows.h"

using namespace mlir;

namespace heed::onnx {

static constexpr StringRef inputs[] = {
    "Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"};
static constexpr StringRef outputs[] = {"Y", "present_key", "present_value", "qk_matmul_output"};

static void readMask(Node &node, Attention &attention) {
  std::optional<ScoreTensor> mask = readScoreTensor(
      node, "attn_mask", attention, {Axis::Batch, Axis::Head, Axis::Query, Axis::Key});
  if (!mask)
    return;
  Type element = mask->tensor.element;
  if (element.isInteger(1))
    attention.keep = std::move(mask);
  else if (element == attention.query.tensor.element)
    attention.bias = std::move(mask);
  else
    node.mistake("input attn_mask has to be boolean or have the type of Q");
}

/// The lengths of an external cache.
static void readLengths(Node &node, int64_t set, Attention &attention) {
  std::optional<Tensor> lengths = node.input("nonpad_kv_seqlen");
  if (!lengths)
    return;
  if (set < 24)
    node.mistake("input nonpad_kv_seqlen needs operator set 24, and the model asks for " +
                 Twine(set));
  if (attention.pastKey)
    node.mistake("has past_key and nonpad_kv_seqlen: the cache is either inside or outside");
  if (lengths->shape.size() != 1 || !lengths->element.isInteger(64))
    node.mistake("input nonpad_kv_seqlen has to be of type int64 and rank 1");
  attention.keyCounts = {std::move(*lengths)};
}

/// -1 is no bound.
static std::optional<int64_t> readWindow(Node &node, StringRef side, int64_t set) {
  std::optional<int64_t> size = node.integer(side);
  if (!size)
    return std::nullopt;
  if (set < 25)
    node.mistake("attribute " + side + " needs operator set 25, and the model asks for " +
                 Twine(set));
  if (*size < -1 || *size > 1 << 30)
    node.mistake("attribute " + side + " is " + Twine(*size) + ": it has to be from -1 to 2^30");
  return *size == -1 ? std::nullopt : size;
}

static std::optional<Stage> readStage(Node &node) {
  int64_t mode = node.integer("qk_matmul_output_mode").value_or(0);
  if (mode < 0 || mode > 3)
    node.mistake("attribute qk_matmul_output_mode is " + Twine(mode) +
                 ": it has to be from 0 to 3");
  if (!node.output("qk_matmul_output"))
    return std::nullopt;
  return static_cast<Stage>(mode);
}

static void readPlaces(Node &node, int64_t set, Attention &attention) {
  bool causal = node.flag("is_causal");
  attention.left = readWindow(node, "left_window_size", set);
  attention.right = readWindow(node, "right_window_size", set);
  if (causal)
    attention.right = 0;
  if (!attention.left && !attention.right)
    return;
  attention.firstPlace = attention.keyCounts ? FirstPlace{FirstPlace::CountLessQueries}
                                             : placeAfterPast(node, attention);
}

/// Softmax is computed in the kernel's arithmetic: in float32, or float64 of float64 tensors.
static void readPrecision(Node &node) {
  int64_t type = node.integer("softmax_precision").value_or(1);
  if (type != 1 && type != 10 && type != 11 && type != 16)
    node.mistake("attribute softmax_precision is " + Twine(type) +
                 ": it has to be 1, 10, 11 or 16 (TensorProto.DataType)");
}

static std::optional<int64_t> readHeads(Node &node, StringRef name) {
  return node.integer(name) ? std::optional(node.requiredCount(name)) : std::nullopt;
}

static Attention read(Node &node, int64_t set) {
  Attention attention;
  std::optional<int64_t> heads = readHeads(node, "q_num_heads");
  std::optional<int64_t> keyHeads = readHeads(node, "kv_num_heads");
  attention.query = readRows(node, "Q", heads);
  attention.key = readRows(node, "K", keyHeads);
  attention.value = readRows(node, "V", keyHeads);
  readCache(node, attention);
  attention.scale = node.real("scale");
  if (attention.scale && *attention.scale <= 0)
    node.mistake("attribute scale has to be positive: queries and keys are multiplied by its root");
  if (double cap = node.real("softcap").value_or(0); cap > 0)
    attention.cap = cap;
  readMask(node, attention);
  readLengths(node, set, attention);
  readPlaces(node, set, attention);
  readPrecision(node);
  attention.scores = readStage(node);
  node.output("Y", true);
  return attention;
}

const Operator attentionOperator = {"", "Attention", 23, 28, {inputs, outputs}, read};

} // namespace heed::onnx
