#include "compiler/reference/Normalize.h"
#include "compiler/reference/Together.h"

#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir;
using namespace heed;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Numbers, then the row they belong to.
static Numbers placed(std::initializer_list<ArrayRef<double>> numbers, Row row) {
  Numbers parameters;
  for (ArrayRef<double> list : numbers)
    parameters.append(list.begin(), list.end());
  parameters.append({position(row.batch), position(row.head), position(row.query)});
  return parameters;
}

static State realsOf(ArrayRef<Number> numbers) {
  State reals;
  for (const Number &number : numbers)
    reals.push_back(number.asReal());
  return reals;
}

FailureOr<NormalizerInterpreter> NormalizerInterpreter::create(Operation *user, ValueRange captures,
                                                               const Tensors &tensors) {
  FailureOr<Normalizer> normalizer = normalizerOf(user);
  if (failed(normalizer))
    return failure();
  return NormalizerInterpreter(*normalizer, captureContext(captures, tensors));
}

FailureOr<State> NormalizerInterpreter::read(Region &region, const State &numbers) const {
  FailureOr<Numbers> yielded = evaluate(region, Numbers(numbers.begin(), numbers.end()), context);
  if (failed(yielded))
    return failure();
  return realsOf(*yielded);
}

FailureOr<std::vector<double>> NormalizerInterpreter::weigh(Region &region, ArrayRef<double> x,
                                                            const State &parameters,
                                                            Row row) const {
  std::vector<double> weights;
  for (double score : x) {
    FailureOr<Numbers> weight = evaluate(region, placed({score, parameters}, row), context);
    if (failed(weight))
      return failure();
    weights.push_back(weight->front().asReal());
  }
  return weights;
}

/// Bisects until no number lies between the two ends.
FailureOr<double> NormalizerInterpreter::findThreshold(ArrayRef<double> x, Row row) const {
  attn::ThresholdNormalizerOp op = normalizer.threshold();
  constexpr int enough = 200; // halvings
  FailureOr<State> bracket = read(op.getBracket(), {});
  if (failed(bracket))
    return failure();
  double low = bracket->front(), high = bracket->back();
  for (int i = 0; i < enough; ++i) {
    double middle = low + (high - low) / 2;
    if (!(low < middle && middle < high))
      break;
    auto weights = weigh(op.getWeight(), x, {middle}, row);
    if (failed(weights))
      return failure();
    bool isEnough = std::accumulate(weights->begin(), weights->end(), 0.0) >= 1;
    (isEnough ? low : high) = middle;
  }
  return low;
}

FailureOr<NormalizerInterpreter::Summary> NormalizerInterpreter::summarize(ArrayRef<double> scores,
                                                                           Row row) const {
  std::vector<double> x(scores);
  attn::NormalizerOp online = normalizer.online();
  double unit = online ? online.getUnitFactor() : normalizer.threshold().getUnitFactor();
  for (double &score : x)
    score *= unit;
  Summary summary;
  if (online) {
    std::vector<Numbers> keys;
    for (double score : x)
      keys.push_back(placed({score}, row));
    auto states = evaluateTogether(online.getSummarize(), keys, context);
    if (failed(states))
      return failure();
    summary.state = realsOf(states->front()); // the same at each key
  }
  State parameters = summary.state;
  if (!online) {
    double largest = *llvm::max_element(x);
    for (double &score : x)
      score -= largest;
    FailureOr<double> threshold = findThreshold(x, row);
    if (failed(threshold))
      return failure();
    parameters = {*threshold};
  }
  auto weights =
      weigh(online ? online.getWeight() : normalizer.threshold().getWeight(), x, parameters, row);
  if (failed(weights))
    return failure();
  summary.weights = *weights;
  return summary;
}

FailureOr<NormalizerInterpreter::Final> NormalizerInterpreter::finalize(const State &state,
                                                                        Row row) const {
  constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
  if (!normalizer.online())
    return Final{1, notANumber};
  FailureOr<State> none = identity();
  if (failed(none))
    return failure();
  if (!state.empty() && state == *none)
    return Final{0, -infinity};
  FailureOr<Numbers> final =
      evaluate(normalizer.online().getFinalize(), placed({state}, row), context);
  if (failed(final))
    return failure();
  bool hasLogSumExp = normalizer.online().hasLogSumExp();
  return Final{final->front().asReal(), hasLogSumExp ? final->back().asReal() : notANumber};
}

FailureOr<State> NormalizerInterpreter::identity() const {
  return read(normalizer.online().getIdentity(), {});
}

FailureOr<NormalizerInterpreter::Merged> NormalizerInterpreter::merge(const State &first,
                                                                      const State &second) const {
  State both = first;
  llvm::append_range(both, second);
  FailureOr<State> merged = read(normalizer.online().getMerge(), both);
  if (failed(merged))
    return failure();
  double secondFactor = merged->back();
  merged->pop_back();
  double firstFactor = merged->back();
  merged->pop_back();
  return Merged{*merged, firstFactor, secondFactor};
}
