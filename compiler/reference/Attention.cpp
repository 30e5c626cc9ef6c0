// Attention kernels, one query at a time.
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Normalize.h"
#include "compiler/reference/Operands.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace heed;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A pair with a lower score is masked.
constexpr double leastScore = -1e29;

/// Of the batch entries.
class Lengths {
public:
  Lengths(const AttentionView &view, const Tensors &tensors) : view(view), tensors(tensors) {}

  int64_t query(int64_t batch) const { return of(view.queryLengths, batch, view.query); }
  int64_t key(int64_t batch) const { return of(view.keyLengths, batch, view.key); }
  int64_t queryOffset(int64_t batch) const {
    return view.queryOffsets ? tensors[view.queryOffsets](batch) : key(batch) - query(batch);
  }

  /// What regions see of them.
  void tell(Context<Number> &context, int64_t batch) const {
    context.queryLength = [this, batch] { return position(query(batch)); };
    context.keyLength = [this, batch] { return position(key(batch)); };
    context.queryOffset = [this, batch] { return position(queryOffset(batch)); };
  }

private:
  int64_t of(Value lengths, int64_t batch, Value operand) const {
    return lengths ? int64_t(tensors[lengths](batch)) : tensors[operand].shape[1];
  }
  const AttentionView &view;
  const Tensors &tensors;
};

class AttentionInterpreter {
public:
  AttentionInterpreter(const AttentionView &view, const Tensors &tensors, Lengths lengths,
                       NormalizerInterpreter normalizer, QueryRange range)
      : view(view), tensors(tensors), lengths(lengths), normalizer(std::move(normalizer)),
        query(tensors[view.query]), key(tensors[view.key]), value(tensors[view.value]),
        group(query.shape[2] / key.shape[2]), first(range.first),
        last(std::min(range.last, query.shape[1])) {
    for (Value result : view.results)
      results[result] = emptyResult(result);
  }

  FailureOr<std::vector<Array>> run() {
    for (int64_t batch = 0; batch < query.shape[0]; ++batch)
      for (int64_t head = 0; head < query.shape[2]; ++head)
        for (int64_t i = first; i < last; ++i)
          if (failed(i < lengths.query(batch) ? attend({batch, head, i})
                                              : writeOutput({batch, head, i}, {}, {})))
            return failure();
    std::vector<Array> all;
    for (Value result : view.results)
      all.push_back(results[result]);
    return all;
  }

private:
  /// As it is where no key counts.
  Array emptyResult(Value result) {
    int64_t batch = query.shape[0], queries = last - first, heads = query.shape[2],
            keys = key.shape[1];
    Operation *op = result.getDefiningOp();
    if (op == view.sum)
      return Array({batch, queries, heads, cast<RankedTensorType>(result.getType()).getDimSize(3)});
    if (isa<attn::LogSumExpOp>(op))
      return Array({batch, heads, queries}, -infinity);
    if (isa<attn::KeySumOp>(op))
      return Array({batch, heads, keys});
    return Array({batch, heads, queries, keys}, isa<attn::NormalizeOp>(op) ? 0 : -infinity);
  }

  /// A key that counts for a query.
  struct Key {
    int64_t place;
    double score;
  };

  LogicalResult attend(Row row) {
    std::vector<Key> keys;
    for (int64_t j = 0; j < lengths.key(row.batch); ++j) {
      FailureOr<double> score = scoreOf(row, j);
      if (failed(score))
        return failure();
      if (!(*score < leastScore))
        keys.push_back({j, *score});
    }
    if (keys.empty())
      return writeOutput(row, {}, {});
    std::vector<double> scores;
    for (const Key &key : keys)
      scores.push_back(key.score);
    auto summary = normalizer.summarize(scores, row);
    if (failed(summary))
      return failure();
    return writeOutput(row, keys, *summary);
  }

  /// The score after every modify and mask: -inf where a mask drops the pair. Writes what of it is
  /// returned.
  FailureOr<double> scoreOf(Row row, int64_t j) {
    Numbers place = {position(row.batch), position(row.head), position(row.query), position(j)};
    auto write = [&](Value stage, double score) {
      if (auto result = results.find(stage); result != results.end())
        result->second({row.batch, row.head, row.query - first, j}) = score;
    };
    FailureOr<double> score = alike(row, j);
    if (failed(score))
      return failure();
    write(view.score.getScores(), *score);
    for (attn::ModifyOp modify : view.modifies) {
      Numbers arguments = {*score};
      arguments.append(place);
      FailureOr<Number> modified = apply(modify, arguments, row.batch);
      if (failed(modified))
        return failure();
      score = modified->asReal();
      write(modify.getResult(), *score);
    }
    for (attn::MaskOp mask : view.masks) {
      FailureOr<Number> keep = apply(mask, place, row.batch);
      if (failed(keep))
        return failure();
      score = keep->asBoolean() ? *score : -infinity;
      write(mask.getResult(), *score);
    }
    return *score;
  }

  /// The score as attn.score gives it.
  FailureOr<double> alike(Row row, int64_t j) {
    attn::ScoreOp op = view.score;
    double sum = 0;
    for (int64_t d = 0; d < view.dim; ++d) {
      double x = query({row.batch, row.query, row.head, d}),
             y = key({row.batch, j, row.head / group, d});
      if (op.getKind() != attn::ScoreKind::Pairwise) {
        sum += x * y;
        continue;
      }
      FailureOr<Number> term =
          apply(op, {x, y, position(row.batch), position(row.head), position(d)}, row.batch);
      if (failed(term))
        return failure();
      sum += term->asReal();
    }
    return sum * view.scale;
  }

  FailureOr<Number> apply(attn::Component component, ArrayRef<Number> arguments, int64_t batch) {
    Context<Number> context = captureContext(component.getCaptures(), tensors);
    lengths.tell(context, batch);
    FailureOr<Numbers> yielded = evaluate(component.getBody(), arguments, context);
    if (failed(yielded))
      return failure();
    return yielded->front();
  }

  /// All that a row gives but its scores. `summary` says nothing where there are no keys.
  LogicalResult writeOutput(Row row, ArrayRef<Key> keys, NormalizerInterpreter::Summary summary) {
    if (view.isPartial())
      return writePartial(row, keys, summary);
    if (keys.empty())
      return success();
    auto final = normalizer.finalize(summary.state, row);
    if (failed(final))
      return failure();
    for (double &weight : summary.weights)
      weight *= final->factor;
    writeColumns(row, keys, summary.weights);
    for (auto &[result, array] : results) {
      Operation *op = result.getDefiningOp();
      if (isa<attn::LogSumExpOp>(op))
        array({row.batch, row.head, row.query - first}) = final->logSumExp;
      for (auto [key, weight] : llvm::zip(keys, summary.weights)) {
        if (isa<attn::NormalizeOp>(op))
          array({row.batch, row.head, row.query - first, key.place}) = weight;
        if (isa<attn::KeySumOp>(op))
          array({row.batch, row.head, key.place}) += weight;
      }
    }
    return success();
  }

  LogicalResult writePartial(Row row, ArrayRef<Key> keys,
                             const NormalizerInterpreter::Summary &summary) {
    FailureOr<State> state = summary.state;
    if (keys.empty())
      state = normalizer.identity();
    if (failed(state))
      return failure();
    writeColumns(row, keys, summary.weights);
    for (auto [i, number] : llvm::enumerate(*state))
      results[view.results.front()](
          {row.batch, row.query - first, row.head, view.valueDim + int64_t(i)}) = number;
    return success();
  }

  /// The weighted sum of values. A key of weight 0 does not count, whatever its value.
  void writeColumns(Row row, ArrayRef<Key> keys, ArrayRef<double> weights) {
    Array &output = results[view.results.front()];
    for (auto [key, weight] : llvm::zip(keys, weights))
      for (int64_t d = 0; weight != 0 && d < view.valueDim; ++d)
        output({row.batch, row.query - first, row.head, d}) +=
            weight * value({row.batch, key.place, row.head / group, d});
  }

  AttentionView view;
  const Tensors &tensors;
  Lengths lengths;
  NormalizerInterpreter normalizer;
  const Array &query, &key, &value; // (batch, sequence, head, dim)
  int64_t group;                    // query heads to a key head
  int64_t first, last;              // queries that results hold
  llvm::MapVector<Value, Array> results;
};

} // namespace

FailureOr<Tensors> heed::withOperands(const AttentionView &view, Tensors tensors) {
  if (failed(shapeOperands(view, tensors)))
    return failure();
  Lengths lengths(view, tensors);
  auto tell = [&](Context<Number> &context, int64_t batch) { lengths.tell(context, batch); };
  if (failed(makeOperands(view, tensors, tell)))
    return failure();
  return tensors;
}

FailureOr<std::vector<Array>> heed::interpretAttention(const AttentionView &view,
                                                       const Tensors &inputs, QueryRange queries) {
  FailureOr<Tensors> tensors = withOperands(view, inputs);
  if (failed(tensors))
    return failure();
  attn::NormalizeOp normalize = view.normalize;
  auto normalizer = NormalizerInterpreter::create(normalize, normalize.getCaptures(), *tensors);
  if (failed(normalizer))
    return failure();
  return AttentionInterpreter(view, *tensors, Lengths(view, *tensors), *normalizer, queries).run();
}
