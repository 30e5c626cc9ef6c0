#include "compiler/import/WriteRows.h"

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

class AttentionKernel {
public:
  AttentionKernel(const Attention &attention, StringRef name, ModuleOp module, Type number)
      : attention(attention), kernel(module, name, number) {}

  void write() {
    bool past = attention.pastKey.has_value();
    int64_t keys = any;
    if (attention.firstPlace.kind == FirstPlace::Fixed)
      keys = attention.firstPlace.fixed + attention.key.positions.number;
    Value query = argument(attention.query, attention.query.tensor.name, any);
    Value key =
        argument(attention.key, past ? attention.presentKey : attention.key.tensor.name, keys);
    Value value = argument(attention.value,
                           past ? attention.presentValue : attention.value.tensor.name, keys);
    query = writeOperand(kernel, attention, attention.query, query);
    if (!past) {
      key = writeOperand(kernel, attention, attention.key, key);
      value = writeOperand(kernel, attention, attention.value, value);
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
  Value argument(const Rows &rows, StringRef name, int64_t positions) {
    return kernel.argument(name, shapeOf(rows, positions), rows.tensor.element, /*share=*/false);
  }

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
      scores = kernel.mask(scores, countsArgument(kernel, attention), [&](Body &body) {
        Pair pair(body);
        return body.isLess(pair.key, writeCount(body, attention, body.captures[0], pair.batch));
      });
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

  SmallVector<Value> placeCaptures() {
    FirstPlace::Kind kind = attention.firstPlace.kind;
    if (kind == FirstPlace::CountLessQueries || kind == FirstPlace::Appended)
      return {countsArgument(kernel, attention)};
    return {};
  }
  /// Of the body's query among the keys.
  Value place(Body &body) {
    Pair pair(body);
    switch (attention.firstPlace.kind) {
    case FirstPlace::Zero:
      return pair.query;
    case FirstPlace::Fixed:
      return body.add(pair.query, body.index(attention.firstPlace.fixed));
    case FirstPlace::KeysLessQueries:
      return body.add(pair.query, attn::QueryOffsetOp::create(body, body.getIndexType()));
    case FirstPlace::CountLessQueries:
    case FirstPlace::Appended:
      Value queries = attn::QueryLengthOp::create(body, body.getIndexType());
      return body.add(pair.query,
                      writeFirstPlace(body, attention, body.captures[0], pair.batch, queries));
    }
    llvm_unreachable("covered switch");
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

} // namespace

void writeKernels(const Attention &attention, StringRef name, ModuleOp module) {
  Builder builder(module.getContext());
  Type number = attention.query.tensor.element.isF64() ? Type(builder.getF64Type())
                                                       : Type(builder.getF32Type());
  AttentionKernel(attention, name, module, number).write();
  if (!attention.pastKey)
    return;
  auto present = [&](const std::string &output) { return name.str() + "_" + cName(output); };
  writePresent(attention, *attention.pastKey, attention.key, present(attention.presentKey), module,
               number);
  writePresent(attention, *attention.pastValue, attention.value, present(attention.presentValue),
               module, number);
}

} // namespace heed::onnx
