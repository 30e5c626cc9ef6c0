#include "compiler/import/ReadRows.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace heed::onnx {

/// A head's size: what a kernel is made for.
static int64_t headDim(Node &node, StringRef formal, const Tensor &tensor, int64_t heads) {
  const Extent &last = tensor.shape.back();
  if (!last.isFixed())
    node.mistake("input " + formal + " has the shape " + toString(tensor.shape) +
                 ": the last extent has to be a number");
  else if (last.number % heads != 0)
    node.mistake("input " + formal + " has the shape " + toString(tensor.shape) +
                 ", which don't make " + Twine(heads) + " heads");
  else if (last.number / heads > 65536)
    node.mistake("input " + formal + " has heads of " + Twine(last.number / heads) +
                 " numbers: at most 65536 will do");
  else
    return last.number / heads;
  return 1;
}

static Rows makeRows(Node &node, StringRef formal, Tensor tensor, std::optional<int64_t> heads) {
  Rows rows;
  if (!tensor.element || !isa<FloatType>(tensor.element)) {
    node.mistake("input " + formal + " has to hold floating-point numbers");
  } else if (tensor.shape.size() == 4) {
    rows.batch = tensor.shape[0];
    rows.positions = tensor.shape[2];
    rows.heads = tensor.shape[1].number;
    rows.dim = headDim(node, formal, tensor, 1);
    if (heads && tensor.shape[1].contradicts({*heads, ""}))
      node.mistake("input " + formal + " has the shape " + toString(tensor.shape) +
                   ", but the attributes say " + Twine(*heads) + " heads");
  } else if (tensor.shape.size() == 3 && heads) {
    rows.batch = tensor.shape[0];
    rows.positions = tensor.shape[1];
    rows.heads = *heads;
    rows.dim = headDim(node, formal, tensor, *heads);
  } else if (tensor.shape.size() == 3) {
    node.mistake("input " + formal + " has rank 3: the attributes have to say how many heads");
  } else {
    node.mistake("input " + formal + " has rank " + Twine(tensor.shape.size()) +
                 ": it has to be 3 or 4");
  }
  rows.tensor = std::move(tensor);
  return rows;
}

static constexpr StringRef rotaryInputs[] = {"X", "cos_cache", "sin_cache", "position_ids"};
static constexpr StringRef rotaryOutputs[] = {"Y"};

/// One of the two tables: as many columns as there are pairs.
static Tensor readTable(Node &node, StringRef formal, const Rotary &rotary, Type element) {
  Tensor table = node.requiredInput(formal);
  size_t rank = rotary.positions ? 2 : 3;
  if (!node.isGood())
    return table;
  if (table.shape.size() != rank || table.shape.back().number != rotary.dim / 2)
    node.mistake("input " + formal + " has the shape " + toString(table.shape) +
                 ": it has to be of rank " + Twine(rank) + " and end in " + Twine(rotary.dim / 2));
  if (table.element != element)
    node.mistake("input " + formal + " has to have the type of X");
  return table;
}

static Rows readRotary(Node &reader, const NodeProto &proto, std::optional<int64_t> heads) {
  Node node(reader.model(), proto, {rotaryInputs, rotaryOutputs});
  if (std::optional<int64_t> given = node.integer("num_heads")) {
    if (heads && *given != 0 && *given != *heads)
      node.mistake("attribute num_heads is " + Twine(*given) + ", but those of the attention are " +
                   Twine(*heads));
  }
  Rows rows = makeRows(node, "X", node.requiredInput("X"), heads);
  Rotary rotary;
  rotary.interleaved = node.flag("interleaved");
  rotary.dim = node.integer("rotary_embedding_dim").value_or(0);
  if (rotary.dim == 0)
    rotary.dim = rows.dim;
  if (rotary.dim < 2 || rotary.dim % 2 != 0 || rotary.dim > rows.dim)
    node.mistake(Twine(rotary.dim) + " columns can't be rotated: an even number has to be, of " +
                 Twine(rows.dim));
  rotary.positions = node.input("position_ids");
  if (rotary.positions &&
      (rotary.positions->shape.size() != 2 || !rotary.positions->element.isInteger(64)))
    node.mistake("input position_ids has to be of type int64 and rank 2");
  rotary.cosines = readTable(node, "cos_cache", rotary, rows.tensor.element);
  rotary.sines = readTable(node, "sin_cache", rotary, rows.tensor.element);
  rows.rotary = std::move(rotary);
  reader.adopt(node);
  return rows;
}

Rows readRows(Node &node, StringRef formal, std::optional<int64_t> heads) {
  const NodeProto *producer = node.model().producer(node.inputName(formal));
  if (producer && producer->op_type() == "RotaryEmbedding")
    return readRotary(node, *producer, heads);
  return makeRows(node, formal, node.requiredInput(formal), heads);
}

std::optional<Rows> readOptionalRows(Node &node, StringRef formal, std::optional<int64_t> heads) {
  if (node.inputName(formal).empty())
    return std::nullopt;
  return makeRows(node, formal, node.requiredInput(formal), heads);
}

Extent allKeys(const Attention &attention) {
  Extent keys = attention.key.positions;
  if (!attention.pastKey)
    return keys;
  const Extent &past = attention.pastKey->positions;
  if (attention.firstPlace.kind == FirstPlace::Appended)
    return past;
  if (past.isFixed() && keys.isFixed())
    return {past.number + keys.number, ""};
  return {};
}

std::optional<ScoreTensor> readScoreTensor(Node &node, StringRef formal, const Attention &attention,
                                           ArrayRef<Axis> axes) {
  std::optional<Tensor> tensor = node.input(formal);
  if (!tensor)
    return std::nullopt;
  size_t rank = tensor->shape.size();
  if (rank < 1 || rank > axes.size()) {
    node.mistake("input " + formal + " has rank " + Twine(rank) + ": it has to be from 1 to " +
                 Twine(axes.size()));
    return std::nullopt;
  }
  ScoreTensor result{std::move(*tensor), SmallVector<Axis>(axes.take_back(rank)), std::nullopt};
  Extent keys = allKeys(attention);
  for (auto [axis, extent] : llvm::zip(result.axes, result.tensor.shape)) {
    const Extent &whole = axis == Axis::Batch   ? attention.query.batch
                          : axis == Axis::Head  ? Extent{attention.query.heads, ""}
                          : axis == Axis::Query ? attention.query.positions
                                                : keys;
    bool isShort = axis == Axis::Key && extent.isFixed() && extent.number != keys.number;
    if (isShort && (!keys.isFixed() || extent.number < keys.number))
      result.keys = extent.number;
    else if (extent.number == 1)
      axis = Axis::One;
    else if (extent.contradicts(whole))
      node.mistake("input " + formal + " has the shape " + toString(result.tensor.shape) +
                   ", whose " + Twine(extent.number) + " has to be 1 or " + Twine(whole.number));
  }
  return result;
}

void readCache(Node &node, Attention &attention) {
  attention.pastKey = readOptionalRows(node, "past_key", attention.key.heads);
  attention.pastValue = readOptionalRows(node, "past_value", attention.value.heads);
  bool past = attention.pastKey.has_value();
  if (past != attention.pastValue.has_value())
    node.mistake("has to have both past_key and past_value, or neither");
  std::optional<std::string> key = node.output("present_key", past);
  std::optional<std::string> value = node.output("present_value", past);
  if (!past && (key || value))
    node.mistake("returns present_key or present_value without a past, which is not supported");
  attention.presentKey = key.value_or("");
  attention.presentValue = value.value_or("");
}

FirstPlace placeAfterPast(Node &node, const Attention &attention) {
  if (!attention.pastKey)
    return {FirstPlace::Zero};
  if (attention.query.positions == attention.key.positions)
    return {FirstPlace::KeysLessQueries};
  if (allKeys(attention).isFixed())
    return {FirstPlace::Fixed, attention.pastKey->positions.number};
  node.mistake("sees keys by their place, and its queries " +
               toString(attention.query.tensor.shape) + " are not as many as the new keys " +
               toString(attention.key.tensor.shape) +
               ": give both the same name in the shapes, or make all lengths numbers");
  return {};
}

} // namespace heed::onnx
