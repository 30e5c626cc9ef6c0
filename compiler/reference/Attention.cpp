// Attention kernels, one query at a time.
#include "compiler/reference/Captures.h"
#include "compiler/reference/Interpreter.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace heed;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// One query of one head.
struct Row {
  int64_t batch, head, query;
};

class AttentionInterpreter {
public:
  AttentionInterpreter(AttentionView view, ArrayRef<Array> inputs)
      : view(view), inputs(inputs), query(inputFor(view.query, inputs)),
        key(inputFor(view.key, inputs)), value(inputFor(view.value, inputs)),
        group(query.shape[2] / key.shape[2]),
        output({query.shape[0], query.shape[1], query.shape[2], view.valueDim}),
        logSumExp({query.shape[0], query.shape[2], query.shape[1]}, -infinity),
        weights({query.shape[0], query.shape[2], query.shape[1], key.shape[1]}) {}

  FailureOr<std::vector<Array>> run() {
    for (int64_t batch = 0; batch < query.shape[0]; ++batch)
      for (int64_t head = 0; head < query.shape[2]; ++head)
        for (int64_t position = 0; position < queryLength(batch); ++position)
          if (failed(attend({batch, head, position})))
            return failure();
    std::vector<Array> results = {output};
    if (view.result<attn::LogSumExpOp>())
      results.push_back(logSumExp);
    if (view.returnsKeys())
      results.push_back(weights);
    return results;
  }

private:
  int64_t queryLength(int64_t batch) const {
    return view.queryLengths ? inputFor(view.queryLengths, inputs)(batch) : query.shape[1];
  }
  int64_t keyLength(int64_t batch) const {
    return view.keyLengths ? inputFor(view.keyLengths, inputs)(batch) : key.shape[1];
  }
  int64_t queryOffset(int64_t batch) const {
    return view.queryOffsets ? inputFor(view.queryOffsets, inputs)(batch)
                             : keyLength(batch) - queryLength(batch);
  }

  /// Softmax over the keys that count, then the weighted sum of their values.
  LogicalResult attend(Row row) {
    std::vector<std::pair<int64_t, double>> scores; // (key, score) of the keys that count
    for (int64_t j = 0; j < keyLength(row.batch); ++j) {
      FailureOr<double> score = scoreOf(row, j);
      if (failed(score))
        return failure();
      if (*score != -infinity)
        scores.push_back({j, *score});
    }
    double largest = -infinity, sum = 0;
    for (auto [j, score] : scores)
      largest = std::max(largest, score);
    for (auto [j, score] : scores)
      if (std::isnan(score) || score == infinity) // makes the row NaN
        largest = notANumber;
    for (auto [j, score] : scores)
      sum += std::exp(score - largest);
    for (auto [j, score] : scores) {
      double weight = std::exp(score - largest) / sum;
      weights({row.batch, row.head, row.query, j}) = weight;
      for (int64_t d = 0; d < view.valueDim; ++d)
        output({row.batch, row.query, row.head, d}) +=
            weight * value({row.batch, j, row.head / group, d});
    }
    if (!scores.empty())
      logSumExp({row.batch, row.head, row.query}) = largest + std::log(sum);
    return success();
  }

  /// The score after every modify; -inf where a mask drops the pair.
  FailureOr<double> scoreOf(Row row, int64_t j) {
    SmallVector<Number> place = {position(row.batch), position(row.head), position(row.query),
                                 position(j)};
    for (attn::MaskOp mask : view.masks) {
      FailureOr<Number> keep = apply(mask, place, row.batch);
      if (failed(keep))
        return failure();
      if (!keep->asBoolean())
        return -infinity;
    }
    double score = 0;
    for (int64_t d = 0; d < view.dim; ++d)
      score +=
          query({row.batch, row.query, row.head, d}) * key({row.batch, j, row.head / group, d});
    score *= view.scale;
    for (attn::ModifyOp modify : view.modifies) {
      SmallVector<Number> arguments = {score};
      arguments.append(place);
      FailureOr<Number> modified = apply(modify, arguments, row.batch);
      if (failed(modified))
        return failure();
      score = modified->asReal();
    }
    return score;
  }

  FailureOr<Number> apply(attn::Component component, ArrayRef<Number> arguments, int64_t batch) {
    Context<Number> context = captureContext(component, inputs);
    context.queryLength = [&] { return position(queryLength(batch)); };
    context.keyLength = [&] { return position(keyLength(batch)); };
    context.queryOffset = [&] { return position(queryOffset(batch)); };
    FailureOr<SmallVector<Number>> yielded = evaluate(component.getBody(), arguments, context);
    if (failed(yielded))
      return failure();
    return yielded->front();
  }

  AttentionView view;
  ArrayRef<Array> inputs;
  const Array &query, &key, &value; // (batch, sequence, head, dim)
  int64_t group;                    // query heads to a key head
  Array output;                     // (batch, query, head, value dim)
  Array logSumExp;                  // (batch, head, query)
  Array weights;                    // (batch, head, query, key)
};

} // namespace

FailureOr<std::vector<Array>> heed::interpretAttention(AttentionView view, ArrayRef<Array> inputs) {
  return AttentionInterpreter(view, inputs).run();
}
