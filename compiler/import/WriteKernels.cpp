#include "compiler/import/Description.h"
#include "compiler/import/KernelWriter.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace heed::onnx {
namespace {

constexpr int64_t any = ShapedType::kDynamic;

/// The pair that a score belongs to, and the place of its query among the keys.
struct Pair {
  Pair(Body &body) {
    auto last = ArrayRef(body.parameters).take_back(4);
    batch = last[0], head = last[1], query = last[2], key = last[3];
  }
  Value batch, head, query, key;
};

/// (batch, positions, heads, dim); lengths and batches are those of the call.
SmallVector<int64_t> shapeOf(const Rows &rows, int64_t positions = any) {
  return {any, positions, rows.heads, rows.dim};
}

class AttentionKernel {
public:
  AttentionKernel(const Attention &attention, StringRef name, ModuleOp module, Type number)
      : attention(attention), kernel(module, name, number) {}

  void write() {
    bool past = attention.pastKey.has_value();
    int64_t keys = any;
    if (attention.firstPlace.kind == FirstPlace::Fixed)
      keys = attention.firstPlace.fixed + attention.key.positions.number;
    Value query = operand(attention.query, attention.query.tensor.name, any);
    Value key =
        operand(attention.key, past ? attention.presentKey : attention.key.tensor.name, keys);
    Value value =
        operand(attention.value, past ? attention.presentValue : attention.value.tensor.name, keys);
    query = rotated(attention.query, query);
    if (!past) {
      key = rotated(attention.key, key);
      value = rotated(attention.value, value);
    }

    Value score = kernel.score(query, key, attention.scale);
    Value capped = attention.cap ? cap(score) : score;
    Value masked = mask(attention.bias ? addBias(capped) : capped);
    Value weights = kernel.softmax(masked);
    SmallVector<Value> results = {
        kernel.weightedSum(weights, value, attention.query.tensor.element)};
    if (attention.scores) {
      Value stages[] = {score, capped, masked, weights};
      results.push_back(stages[static_cast<int>(*attention.scores)]);
    }
    kernel.finish(results);
  }

private:
  Value operand(const Rows &rows, StringRef name, int64_t positions) {
    return kernel.argument(name, shapeOf(rows, positions), rows.tensor.element, /*share=*/false);
  }

  Value rotated(const Rows &rows, Value tensor);

  /// X tanh(score / X).
  Value cap(Value scores) {
    return kernel.modify(scores, {}, [&](Body &body) -> Value {
      Value scaled = body.multiply(body.parameters[0], body.real(1 / *attention.cap));
      return body.multiply(math::TanhOp::create(body, scaled), body.real(*attention.cap));
    });
  }

  Value addBias(Value scores) {
    Value bias = argument(*attention.bias);
    return kernel.modify(scores, bias, [&](Body &body) {
      return body.add(body.parameters[0], load(body, *attention.bias));
    });
  }

  Value mask(Value scores) {
    if (attention.keep)
      scores = kernel.mask(scores, argument(*attention.keep), [&](Body &body) -> Value {
        Value keep = load(body, *attention.keep);
        if (keep.getType().isInteger(1))
          return keep;
        Value zero = arith::ConstantOp::create(body, body.getIntegerAttr(keep.getType(), 0));
        return arith::CmpIOp::create(body, arith::CmpIPredicate::ne, keep, zero);
      });
    for (const auto &tensor : {attention.bias, attention.keep})
      if (tensor && tensor->keys)
        scores = kernel.mask(scores, {}, [&](Body &body) {
          return body.isLess(Pair(body).key, body.index(*tensor->keys));
        });
    if (attention.keyCounts)
      scores = kernel.mask(scores, counts(),
                           [&](Body &body) { return body.isLess(Pair(body).key, count(body)); });
    if (attention.left)
      scores = kernel.mask(scores, placeCaptures(), [&](Body &body) {
        Value first = body.subtract(place(body), body.index(*attention.left));
        return body.isLessOrEqual(first, Pair(body).key);
      });
    if (attention.right)
      scores = kernel.mask(scores, placeCaptures(), [&](Body &body) {
        Value last = place(body);
        if (*attention.right != 0)
          last = body.add(last, body.index(*attention.right));
        return body.isLessOrEqual(Pair(body).key, last);
      });
    return scores;
  }

  Value counts() {
    const Tensor &tensor = attention.keyCounts->tensor;
    return kernel.argument(tensor.name, any, tensor.element);
  }
  /// In a body that captures the counts: that of the batch entry.
  Value count(Body &body) {
    Value count = body.loadIndex(body.captures[0], Pair(body).batch);
    int64_t more = attention.keyCounts->more;
    return more == 0 ? count : body.add(count, body.index(more));
  }

  SmallVector<Value> placeCaptures() {
    if (attention.firstPlace.kind == FirstPlace::CountLessQueries)
      return {counts()};
    return {};
  }
  /// Of the body's query among the keys.
  Value place(Body &body) {
    Value query = Pair(body).query;
    switch (attention.firstPlace.kind) {
    case FirstPlace::Zero:
      return query;
    case FirstPlace::Fixed:
      return body.add(query, body.index(attention.firstPlace.fixed));
    case FirstPlace::KeysLessQueries:
      return body.add(query, attn::QueryOffsetOp::create(body, body.getIndexType()));
    case FirstPlace::CountLessQueries:
      Value queries = attn::QueryLengthOp::create(body, body.getIndexType());
      return body.add(query, body.subtract(count(body), queries));
    }
  }

  Value argument(const ScoreTensor &tensor) {
    SmallVector<int64_t> shape;
    for (Axis axis : tensor.axes)
      shape.push_back(axis == Axis::Head  ? attention.query.heads
                      : axis == Axis::One ? 1
                      : axis == Axis::Key ? tensor.keys.value_or(any)
                                          : any);
    return kernel.argument(tensor.tensor.name, shape, tensor.tensor.element);
  }

  /// In a body that captures the tensor: its element of the pair.
  Value load(Body &body, const ScoreTensor &tensor) {
    Pair pair(body);
    SmallVector<Value> place;
    for (Axis axis : tensor.axes)
      switch (axis) {
      case Axis::Batch:
        place.push_back(pair.batch);
        break;
      case Axis::Head:
        place.push_back(pair.head);
        break;
      case Axis::Query:
        place.push_back(pair.query);
        break;
      case Axis::Key:
        place.push_back(!tensor.keys
                            ? pair.key
                            : arith::MinSIOp::create(body, pair.key, body.index(*tensor.keys - 1)));
        break;
      case Axis::One:
        place.push_back(body.index(0));
      }
    return body.load(body.captures[0], place);
  }

  const Attention &attention;
  KernelWriter kernel;
};

/// Pairs (a, b) of columns become (a cos - b sin, a sin + b cos).
Value AttentionKernel::rotated(const Rows &rows, Value tensor) {
  if (!rows.rotary)
    return tensor;
  const Rotary &rotary = *rows.rotary;
  int64_t half = rotary.dim / 2;
  auto table = [&](const Tensor &t) {
    SmallVector<int64_t> shape = {any, half};
    if (!rotary.positions)
      shape = {any, any, half};
    return kernel.argument(t.name, shape, t.element);
  };
  SmallVector<Value> captures = {tensor, table(rotary.cosines), table(rotary.sines)};
  if (rotary.positions)
    captures.push_back(
        kernel.argument(rotary.positions->name, {any, any}, rotary.positions->element));
  return kernel.rows(shapeOf(rows), captures, [&](Body &body) {
    Value batch = body.parameters[0], position = body.parameters[1], head = body.parameters[2],
          column = body.parameters[3];
    Value isFirst, pair, partner; // of two columns the first, their number, the other one
    if (rotary.interleaved) {
      Value two = body.index(2);
      pair = arith::DivUIOp::create(body, column, two);
      isFirst =
          arith::CmpIOp::create(body, arith::CmpIPredicate::eq, body.multiply(pair, two), column);
      partner = body.select(isFirst, body.add(column, body.index(1)),
                            body.subtract(column, body.index(1)));
    } else {
      Value other = body.subtract(column, body.index(half));
      isFirst = body.isLess(column, body.index(half));
      pair = body.select(isFirst, column, other);
      partner = body.select(isFirst, body.add(column, body.index(half)), other);
    }
    SmallVector<Value> angle = {batch, position, pair};
    if (rotary.positions)
      angle = {body.loadIndex(body.captures[3], {batch, position}), pair};
    Value x = body.load(body.captures[0], {batch, position, head, column});
    Value y = body.load(body.captures[0], {batch, position, head, partner});
    Value along = body.multiply(x, body.load(body.captures[1], angle));
    Value across = body.multiply(y, body.load(body.captures[2], angle));
    Value result = body.select(isFirst, body.subtract(along, across), body.add(along, across));
    if (rotary.dim == rows.dim)
      return result;
    return body.select(body.isLess(column, body.index(rotary.dim)), result, x);
  });
}

} // namespace

void writeKernels(const Attention &attention, StringRef name, ModuleOp module) {
  Builder builder(module.getContext());
  Type number = attention.query.tensor.element.isF64() ? Type(builder.getF64Type())
                                                       : Type(builder.getF32Type());
  AttentionKernel(attention, name, module, number).write();
}

} // namespace heed::onnx
