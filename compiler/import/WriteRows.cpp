#include "compiler/import/WriteRows.h"

using namespace mlir;

namespace heed::onnx {

static constexpr int64_t any = ShapedType::kDynamic;

SmallVector<int64_t> shapeOf(const Rows &rows, int64_t positions) {
  return {any, positions, rows.heads, rows.dim};
}

Value countsArgument(KernelWriter &kernel, const Attention &attention) {
  const Tensor &tensor = attention.keyCounts->tensor;
  return kernel.argument(tensor.name, any, tensor.element);
}

Value writeCount(Body &body, const Attention &attention, Value counts, Value batch) {
  Value count = body.loadIndex(counts, batch);
  int64_t more = attention.keyCounts->more;
  return more == 0 ? count : body.add(count, body.index(more));
}

Value writeFirstPlace(Body &body, const Attention &attention, Value counts, Value batch,
                      Value queries) {
  Value first = body.subtract(writeCount(body, attention, counts, batch), queries);
  if (attention.firstPlace.kind != FirstPlace::Appended)
    return first;
  return arith::MaxSIOp::create(body, first, body.index(0));
}

namespace {

/// Loads of one element of some rows in a body that may capture what they need.
class RowsLoader {
public:
  RowsLoader(KernelWriter &kernel, const Attention &attention, const Rows &rows, Value tensor)
      : attention(attention), rows(rows), captures({tensor}) {
    if (!rows.rotary)
      return;
    const Rotary &rotary = *rows.rotary;
    SmallVector<int64_t> table = {any, rotary.dim / 2};
    if (!rotary.positions && !rotary.byPlace)
      table = {any, any, rotary.dim / 2};
    for (const Tensor &values : {rotary.cosines, rotary.sines})
      captures.push_back(kernel.argument(values.name, table, values.element));
    if (rotary.positions)
      captures.push_back(
          kernel.argument(rotary.positions->name, {any, any}, rotary.positions->element));
    else if (rotary.byPlace)
      captures.push_back(countsArgument(kernel, attention));
  }

  ValueRange needed() const { return captures; }

  /// The element, in a body whose captures begin with those needed.
  Value load(Body &body, Value batch, Value position, Value head, Value column) const {
    auto element = [&](Value column) {
      return body.load(body.captures[0], {batch, position, head, column});
    };
    if (!rows.rotary)
      return element(column);
    Pair pair = pairOf(body, column);
    SmallVector<Value> angle = angleOf(body, batch, position, pair.number);
    Value along = body.multiply(element(column), body.load(body.captures[1], angle));
    Value across = body.multiply(element(pair.partner), body.load(body.captures[2], angle));
    Value rotated =
        body.select(pair.isFirst, body.subtract(along, across), body.add(along, across));
    if (rows.rotary->dim == rows.dim)
      return rotated;
    return body.select(body.isLess(column, body.index(rows.rotary->dim)), rotated, element(column));
  }

private:
  /// What a column is rotated with: pairs (a, b) become (a cos - b sin, b cos + a sin).
  struct Pair {
    Value number, partner, isFirst;
  };
  Pair pairOf(Body &body, Value column) const {
    int64_t half = rows.rotary->dim / 2;
    if (!rows.rotary->interleaved) {
      Value isFirst = body.isLess(column, body.index(half));
      Value before = body.subtract(column, body.index(half));
      Value after = body.add(column, body.index(half));
      return {body.select(isFirst, column, before), body.select(isFirst, after, before), isFirst};
    }
    Value two = body.index(2), one = body.index(1);
    Value number = arith::FloorDivSIOp::create(body, column, two);
    Value isFirst =
        arith::CmpIOp::create(body, arith::CmpIPredicate::eq, body.multiply(number, two), column);
    return {number, body.select(isFirst, body.add(column, one), body.subtract(column, one)),
            isFirst};
  }

  /// Where the tables have the angle of a pair.
  SmallVector<Value> angleOf(Body &body, Value batch, Value position, Value pair) const {
    if (rows.rotary->positions)
      return {body.loadIndex(body.captures[3], {batch, position}), pair};
    if (!rows.rotary->byPlace)
      return {batch, position, pair};
    Value first =
        writeFirstPlace(body, attention, body.captures[3], batch, body.extent(body.captures[0], 1));
    return {body.add(first, position), pair};
  }

  const Attention &attention;
  const Rows &rows;
  SmallVector<Value> captures;
};

} // namespace

Value writeOperand(KernelWriter &kernel, const Attention &attention, const Rows &rows,
                   Value tensor) {
  if (!rows.rotary)
    return tensor;
  RowsLoader loader(kernel, attention, rows, tensor);
  auto type = RankedTensorType::get(shapeOf(rows), kernel.numberType());
  return kernel.rows(type, loader.needed(), {}, [&](Body &body) {
    ArrayRef<Value> at = body.parameters;
    return loader.load(body, at[0], at[1], at[2], at[3]);
  });
}

void writePresent(const Attention &attention, const Rows &past, const Rows &fresh, StringRef name,
                  ModuleOp module, Type number) {
  KernelWriter kernel(module, name, number);
  Value before = kernel.argument(past.tensor.name, shapeOf(past), past.tensor.element, false);
  Value tensor = kernel.argument(fresh.tensor.name, shapeOf(fresh), fresh.tensor.element, false);
  bool appended = attention.firstPlace.kind == FirstPlace::Appended;
  RowsLoader loader(kernel, attention, fresh, tensor);
  SmallVector<Value> captures(loader.needed());
  captures.push_back(before);
  if (appended)
    captures.push_back(countsArgument(kernel, attention));
  unsigned pastCapture = loader.needed().size();
  // As many positions as past and fresh have together, or as the past has.
  SmallVector<int64_t> positions;
  if (!appended)
    positions = {pastCapture, 1, 1, 0, 1, 1};
  auto type = RankedTensorType::get(shapeOf(past), past.tensor.element);
  Value present = kernel.rows(type, captures, positions, [&](Body &body) -> Value {
    ArrayRef<Value> at = body.parameters;
    Value old = body.captures[pastCapture], position = at[1];
    Value first = appended ? writeFirstPlace(body, attention, body.captures.back(), at[0],
                                             body.extent(body.captures[0], 1))
                           : body.extent(old, 1);
    Value number = body.subtract(position, first), inPast = position;
    if (!appended)
      inPast = arith::MinSIOp::create(body, position, body.subtract(first, body.index(1)));
    Value fromPast = body.load(old, {at[0], inPast, at[2], at[3]});
    Value isFresh = body.isLessOrEqual(first, position);
    if (appended)
      isFresh = arith::AndIOp::create(body, isFresh,
                                      body.isLess(number, body.extent(body.captures[0], 1)));
    return body.select(isFresh, loader.load(body, at[0], number, at[2], at[3]), fromPast);
  });
  kernel.finish(present);
}

} // namespace heed::onnx
