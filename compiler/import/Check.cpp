// What kernels ask of any attention operator, in the words of its tensors.
#include "compiler/import/Description.h"
#include "compiler/import/ReadRows.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace heed::onnx {

static std::string show(const Rows &rows) {
  return rows.tensor.name + " " + toString(rows.tensor.shape);
}

static void checkSame(Node &node, StringRef what, const Rows &a, const Rows &b, bool same) {
  if (!same)
    node.mistake(show(a) + " and " + show(b) + " have to have the same " + what);
}

static void checkPast(Node &node, const Rows &past, const Rows &fresh) {
  checkSame(node, "batch", past, fresh, !past.batch.contradicts(fresh.batch));
  checkSame(node, "number of heads", past, fresh, past.heads == fresh.heads);
  checkSame(node, "head size", past, fresh, past.dim == fresh.dim);
  checkSame(node, "type", past, fresh, past.tensor.element == fresh.tensor.element);
}

void check(Node &node, const Attention &attention) {
  const auto &[query, key, value] = std::tie(attention.query, attention.key, attention.value);
  if (!node.isGood())
    return;
  checkSame(node, "head size", query, key, query.dim == key.dim);
  checkSame(node, "batch", query, key, !query.batch.contradicts(key.batch));
  checkSame(node, "batch", key, value, !key.batch.contradicts(value.batch));
  checkSame(node, "number of keys", key, value, !key.positions.contradicts(value.positions));
  checkSame(node, "number of heads", key, value, key.heads == value.heads);
  for (const Rows *rows : {&key, &value})
    checkSame(node, "type, where one is float64", query, *rows,
              query.tensor.element.isF64() == rows->tensor.element.isF64());
  for (const Rows *rows : {&query, &key})
    if (ShapedType::isDynamic(rows->heads))
      node.mistake(show(*rows) + ": the number of heads has to be fixed");
  if (node.isGood() && query.heads % key.heads != 0)
    node.mistake("the " + Twine(query.heads) + " heads of " + show(query) +
                 " are no multiple of the " + Twine(key.heads) + " of " + show(key));
  if (attention.pastKey)
    checkPast(node, *attention.pastKey, key);
  if (attention.pastValue)
    checkPast(node, *attention.pastValue, value);
  if (attention.keyCounts) {
    const Tensor &counts = attention.keyCounts->tensor;
    if (counts.shape.size() != 1 || counts.shape[0].contradicts(query.batch))
      node.mistake(counts.name + " " + toString(counts.shape) +
                   " has to hold one number for each batch entry of " + show(query));
  }
}

} // namespace heed::onnx
