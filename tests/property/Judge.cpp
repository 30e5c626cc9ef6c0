#include "tests/property/Judge.h"
#include "tests/property/Tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed::property {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// What a kernel counts for a weight that is 0 in float32: 2^-100 of the block's largest.
constexpr double leastWeight = 1e-30;
/// Weights below this share of their row's largest do not ask how right their score is.
constexpr double negligible = 1e-20;
/// A pair with a lower score is masked.
constexpr double leastScore = -1e29;

/// What rounding to a type adds: relatively, and at least.
struct Rounding {
  double relative, least, largest;
};
Rounding roundingOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return {0x1p-11, 0x1p-25, 65504};
  case ElementType::BF16:
    return {0x1p-8, 0x1p-134, 3.3e38};
  default:
    return {0, 0, std::numeric_limits<double>::max()};
  }
}

class Judge {
public:
  Judge(const Description &description, const Call &call, const std::vector<int64_t> &keyLengths,
        const std::vector<Array> &got, const Reference &reference, Worst &worst)
      : d(description), call(call), keyLengths(keyLengths), got(got), r(reference), worst(worst),
        epsilon(d.isDouble ? 4 * std::numeric_limits<double>::epsilon() // the reference rounds, too
                           : std::numeric_limits<float>::epsilon()),
        rounding(roundingOf(d.isPartial && !d.part ? ElementType::F32 : d.output)),
        keySumBounds({call.batch, call.heads(), call.keys}),
        keySums({call.batch, call.heads(), call.keys}) {
    for (const Component &c : d.modifies)
      modifyError += errorOf(c);
    operandError = madeError(d.query) + madeError(d.key);
    usualQuery = usualNorm(d.query, r.query), usualKey = usualNorm(d.key, r.key);
    usualValue = usualNorm(d.value, r.value);
  }

  std::string run() {
    std::string problem;
    forEachIndex({call.batch, call.heads(), call.queries}, [&](const Index &row) {
      if (problem.empty())
        problem = judgeRow(row[0], row[1], row[2]);
    });
    return problem.empty() ? judgeKeySums() : problem;
  }

private:
  const Description &d;
  const Call &call;
  const std::vector<int64_t> &keyLengths;
  const std::vector<Array> &got;
  const Reference &r;
  Worst &worst;
  BoundConstants c;
  double epsilon, modifyError = 0, operandError = 0;
  // What is computed may overflow before it gets a row's factor, which is at least 2^-20 (1 /
  // keys): results larger than this are not compared.
  const double most = 0x1p-20 * (d.isDouble ? std::numeric_limits<double>::max()
                                            : double(std::numeric_limits<float>::max()));
  double usualQuery, usualKey, usualValue; // norms of rows
  Rounding rounding;
  Array keySumBounds, keySums; // NaN where a row says nothing

  double errorOf(const Component &component) const {
    return component.error + component.errorPerPosition * (call.queries + call.keys + 200);
  }
  double madeError(const Operand &operand) const {
    return operand.made ? errorOf(operand.made->component) : 0;
  }
  double norm(const Array &rows, int64_t b, int64_t s, int64_t h) const {
    double sum = 0;
    for (int64_t column = 0; column < rows.shape[3]; column++)
      sum += rows({b, s, h, column}) * rows({b, s, h, column});
    return std::sqrt(sum);
  }

  // Of rows that are made: one that is small because its terms cancel is off as others are.
  static double usualNorm(const Operand &operand, const Array &rows) {
    double sum = 0, count = 0;
    for (double value : rows.values)
      if (operand.made && std::isfinite(value))
        sum += value * value, count++;
    return count ? std::sqrt(sum / count * double(rows.shape[3])) : 0;
  }

  // One row: what counts, and how far its numbers may be off.
  struct Key {
    int64_t place;
    double score, weight;
    double scoreError; // of the raw score, then of the last
    double weightError;
  };
  struct Row {
    int64_t b, h, i;
    std::vector<Key> keys;
    double error = 0;     // of the scores that matter
    bool isLost = false;  // a score that counts is NaN or +inf
    bool isVague = false; // nothing is said of it
    bool mayBeNaN = false;
  };

  // What attn-hoist promises of infinite queries and keys (docs/language.md): a pairwise score is
  // its definition's, or NaN; but the tanh of inf - inf is any number from -1 to 1. What a modify
  // makes of a NaN is its own.
  void readInfinities(Row &row) const {
    for (int64_t j = 0; d.score.pairwise && j < keyLengths[size_t(row.b)]; j++) {
      double raw = r.stages[0]({row.b, row.h, row.i, j});
      bool isCancelled = d.score.isTanhOfSum && std::isnan(raw) &&
                         !hasNaN(r.query, row.b, row.i, row.h) &&
                         !hasNaN(r.key, row.b, j, row.h / call.group);
      row.isVague |= isCancelled || (!std::isfinite(raw) && !d.modifies.empty());
      row.mayBeNaN |= !std::isfinite(raw);
    }
    // Float32 has no square of more.
    constexpr double mostSquared = 1.8e19;
    for (size_t m = 0; m < d.modifies.size(); m++)
      for (int64_t j = 0; d.modifies[m].kind == "smooth" && j < keyLengths[size_t(row.b)]; j++)
        row.isVague |= std::abs(r.stages[m]({row.b, row.h, row.i, j})) > mostSquared;
  }
  bool hasNaN(const Array &rows, int64_t b, int64_t s, int64_t h) const {
    for (int64_t column = 0; column < d.dim; column++)
      if (std::isnan(rows({b, s, h, column})))
        return true;
    return false;
  }
  bool isAllNaN(const Row &row) const {
    for (int64_t column = 0; column < d.valueDim; column++)
      if (!std::isnan(got[0]({row.b, row.i, row.h, column})))
        return false;
    return true;
  }

  Row rowOf(int64_t b, int64_t h, int64_t i) const {
    Row row{b, h, i, {}};
    const Array &last = r.stages.back();
    double queryNorm = operandError > 0 ? std::max(usualQuery, norm(r.query, b, i, h)) : 0;
    double largest = leastScore;
    readInfinities(row);
    for (int64_t j = 0; j < call.keys; j++) {
      double score = last({b, h, i, j});
      if (score < leastScore)
        continue;
      row.isLost |= !(score < infinity);
      largest = std::max(largest, score);
      double terms = 0;
      for (int64_t column = 0; column < d.dim; column++)
        terms +=
            d.score.magnitude(r.query({b, i, h, column}), r.key({b, j, h / call.group, column}));
      double made = operandError > 0 ? operandError * queryNorm *
                                           std::max(usualKey, norm(r.key, b, j, h / call.group))
                                     : 0;
      double error = epsilon * (std::abs(d.scaleFactor()) * (c.c3 * terms + c.operand * made) +
                                c.modify * modifyError);
      if (!std::isfinite(error)) // a modify made a number of what was none
        error = infinity;
      row.keys.push_back({j, score, r.weights({b, h, i, j}), error, 0});
    }
    double heaviest = 0; // far from 1 where a sink takes the rest
    for (const Key &key : row.keys)
      heaviest = std::max(heaviest, key.weight);
    for (Key &key : row.keys)
      if (matters(key, largest, heaviest))
        row.error = std::max(row.error, sumError(row) + key.scoreError);
    for (Key &key : row.keys)
      key.weightError = weightError(row, key, largest);
    return row;
  }

  // Whether an error of the key's score can be seen in its row.
  bool matters(const Key &key, double largest, double heaviest) const {
    if (d.normalizer.isOnline)
      return d.normalizer.follows != Follows::Exponential || !(key.weight < negligible * heaviest);
    return key.score > largest - 2;
  }

  // What a sum over the row's keys adds, relatively.
  double sumError(const Row &row) const {
    return epsilon * (c.c1 + c.c2 * std::sqrt(double(row.keys.size())));
  }

  double weightError(const Row &row, const Key &key, double largest) const {
    double weight = std::abs(key.weight), e = row.error * d.normalizer.slope, own;
    switch (d.normalizer.follows) {
    case Follows::Exponential:
      if (weight > 0) // its own error may be larger than that of any key that matters
        e = std::max(e, (sumError(row) + key.scoreError) * d.normalizer.slope);
      own = std::min(1.0, std::expm1(2 * e) * weight);
      break;
    case Follows::Line:
      own = key.scoreError + epsilon * (c.c1 * weight);
      break;
    case Follows::Square:
      own = 2 * std::sqrt(weight) * key.scoreError + key.scoreError * key.scoreError +
            epsilon * c.c1 * weight;
      break;
    case Follows::Threshold:
    case Follows::SquareOfThreshold: {
      double away = 2 * e + 4 * epsilon * std::abs(largest * d.normalizer.slope);
      bool isSquare = d.normalizer.follows == Follows::SquareOfThreshold;
      own = isSquare ? 2 * std::sqrt(weight) * away + away * away : away;
      if (weight == 0 && isFarBelow(key, largest, away))
        own = 0;
      own = std::min(own, 1.0);
      break;
    }
    case Follows::Nothing:
      own = epsilon * c.c1 * weight;
      break;
    }
    return own + leastWeight;
  }

  // A key whose score is too low for any threshold there could be.
  bool isFarBelow(const Key &key, double largest, double away) const {
    return (largest - key.score) * d.normalizer.slope > 2 + away;
  }

  // Where every score is -inf because the query or the key is infinite, dense kernels do not look
  // for masked pairs.
  bool saysNothing(const Row &row) const {
    bool infiniteInputs = call.data == Data::BadQuery || call.data == Data::BadKey;
    return row.isVague || (infiniteInputs && row.keys.empty()) || (row.mayBeNaN && isAllNaN(row));
  }

  std::string judgeRow(int64_t b, int64_t h, int64_t i) {
    Row row = rowOf(b, h, i);
    addToKeySums(row);
    // A row that is lost is NaN where there is a log-sum-exp; what other normalizers make of
    // infinities is their own.
    if (saysNothing(row) || (row.isLost && !d.normalizer.hasLogSumExp))
      return "";
    for (int64_t column = 0; column < d.valueDim; column++)
      if (std::string problem = judgeOutput(row, column); !problem.empty())
        return fmt::format("out[{}, {}, {}, {}] {}", b, i, h, column, problem);
    for (size_t n = 0; n < d.results.size(); n++)
      if (std::string problem = judgeResult(row, d.results[n], got[1 + n]); !problem.empty())
        return problem;
    return "";
  }

  std::string judgeResult(const Row &row, const Result &result, const Array &values) {
    if (result.kind == Result::LogSumExp)
      return judgeLogSumExp(row, values);
    if (result.kind == Result::Weights)
      return judgeWeights(row, values);
    return result.kind == Result::Scores ? judgeScores(row, result.stage, values) : "";
  }

  std::string judgeLogSumExp(const Row &row, const Array &values) {
    Index place = {row.b, row.h, row.i};
    double wanted = r.logSumExp(place);
    std::string problem = compare(1 + Result::LogSumExp, values(place), wanted,
                                  row.error + 2 * epsilon * std::abs(wanted));
    return problem.empty()
               ? ""
               : fmt::format("log_sum_exp[{}, {}, {}] {}", row.b, row.h, row.i, problem);
  }

  std::string judgeWeights(const Row &row, const Array &values) {
    std::vector<double> bounds(size_t(call.keys), 0);
    double logSumExp = d.normalizer.hasLogSumExp ? r.logSumExp({row.b, row.h, row.i}) : 0;
    for (const Key &key : row.keys)
      bounds[size_t(key.place)] =
          key.weightError + 4 * epsilon * std::abs(logSumExp) * key.weight + epsilon * key.weight;
    for (int64_t j = 0; j < call.keys; j++) {
      Index place = {row.b, row.h, row.i, j};
      if (row.isLost && std::isnan(values(place)))
        continue; // also where an infinite score would be a masked pair: the row is lost
      std::string problem =
          compare(1 + Result::Weights, values(place), r.weights(place), bounds[size_t(j)]);
      if (!problem.empty())
        return fmt::format("weights[{}, {}, {}, {}] {}", row.b, row.h, row.i, j, problem);
    }
    return "";
  }

  std::string judgeScores(const Row &row, int stage, const Array &values) {
    for (const Key &key : row.keys) {
      Index place = {row.b, row.h, row.i, key.place};
      double wanted = r.stages[size_t(stage)](place), bound = 0;
      if (row.mayBeNaN && !std::isfinite(wanted) && std::isnan(values(place)))
        continue;
      if (std::isfinite(wanted))
        bound = key.scoreError + epsilon * (c.c1 + 2 * std::abs(wanted));
      std::string problem = compare(1 + Result::Scores, values(place), wanted, bound);
      if (!problem.empty())
        return fmt::format("scores of stage {}[{}, {}, {}, {}] {}", stage, row.b, row.h, row.i,
                           key.place, problem);
    }
    for (int64_t j = keyLengths[size_t(row.b)]; j < call.keys; j++)
      if (values({row.b, row.h, row.i, j}) != -infinity)
        return fmt::format("scores of stage {}[{}, {}, {}, {}], past the length, are not -inf",
                           stage, row.b, row.h, row.i, j);
    return "";
  }

  std::string judgeOutput(const Row &row, int64_t column) {
    Index place = {row.b, row.i, row.h, column};
    double value = got[0](place), wanted = r.output(place);
    double weighted = 0, weights = 0, largest = 0, follows = 0;
    bool badValue = false;
    for (int64_t j = 0; j < keyLengths[size_t(row.b)]; j++)
      badValue |= !std::isfinite(r.value({row.b, j, row.h / call.group, column}));
    for (const Key &key : row.keys) {
      double v = std::abs(r.value({row.b, key.place, row.h / call.group, column}));
      if (d.value.made) // whose error is relative to the row's norm
        follows += epsilon * madeError(d.value) * std::abs(key.weight) *
                   std::max(usualValue, norm(r.value, row.b, key.place, row.h / call.group));
      follows += key.weightError * v;
      weighted += std::abs(key.weight) * v, largest = std::max(largest, v);
      weights += std::abs(key.weight);
    }
    // A value that is not finite and counts makes the element so; under a mask it may.
    bool isGood = !row.isLost;
    if (badValue && !std::isfinite(value) && isGood)
      return "";
    if (badValue && !std::isfinite(wanted) && isGood)
      return fmt::format("is {}, but a value that counts is not finite", value);
    double bound = d.normalizer.follows == Follows::Exponential && d.normalizer.isMean
                       ? std::expm1(row.error * d.normalizer.slope) * weighted
                       : follows + sumError(row) * weighted;
    if (d.value.made && d.normalizer.follows == Follows::Exponential)
      bound += follows;
    if (d.normalizer.isMean)
      bound = std::min(bound, 2 * largest);
    bound += leastWeight * double(call.keys) * largest;
    if (d.hasCoarseWeights()) { // they and their sum are rounded; what is denormal is 0
      const Rounding ofWeights = roundingOf(ElementType::BF16);
      bound +=
          2 * ofWeights.relative * weighted + 0x1p-126 * (largest + weights + double(call.keys));
    }
    bound += rounding.relative * std::abs(wanted) + rounding.least;
    if (std::abs(wanted) + bound > rounding.largest || weighted > most)
      return "";
    return compare(0, value, wanted, bound);
  }

  void addToKeySums(const Row &row) {
    double notANumber = std::numeric_limits<double>::quiet_NaN();
    for (int64_t j = 0; j < call.keys; j++)
      if (row.isLost || saysNothing(row))
        keySumBounds({row.b, row.h, j}) = notANumber;
    for (const Key &key : row.keys) {
      Index place = {row.b, row.h, key.place};
      keySums(place) += key.weight;
      keySumBounds(place) += key.weightError + epsilon * (c.c1 + std::sqrt(double(call.queries))) *
                                                   std::abs(key.weight);
    }
  }

  std::string judgeKeySums() {
    std::string problem;
    for (size_t n = 0; n < d.results.size(); n++)
      if (d.results[n].kind == Result::KeySums)
        forEachIndex(keySums.shape, [&](const Index &place) {
          if (!problem.empty() || std::isnan(keySumBounds(place)))
            return;
          problem = compare(1 + Result::KeySums, got[1 + n](place), keySums(place),
                            keySumBounds(place) + epsilon * std::abs(keySums(place)));
          if (!problem.empty())
            problem = fmt::format("key_sums[{}, {}, {}] {}", place[0], place[1], place[2], problem);
        });
    return problem;
  }

  std::string compare(int result, double value, double wanted, double bound) {
    if (std::isfinite(wanted) && std::abs(wanted) > most)
      return ""; // may overflow
    if (std::isfinite(wanted) ? std::isfinite(value) && !(std::abs(value - wanted) > bound)
        : std::isnan(wanted)  ? std::isnan(value)
                              : value == wanted) {
      if (bound > 0 && std::isfinite(wanted) && call.data != Data::Huge)
        worst[size_t(result)] = std::max(worst[size_t(result)], std::abs(value - wanted) / bound);
      return "";
    }
    return fmt::format("is {:.9g}, but the reference gives {:.9g} (off by {:.3g}, bound {:.3g})",
                       value, wanted, std::abs(value - wanted), bound);
  }
};

} // namespace

std::string judge(const Description &description, const Call &call,
                  const std::vector<int64_t> &keyLengths, const std::vector<Array> &got,
                  const Reference &reference, Worst &worst) {
  return Judge(description, call, keyLengths, got, reference, worst).run();
}

} // namespace heed::property
