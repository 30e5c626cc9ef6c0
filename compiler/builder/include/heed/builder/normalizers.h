// How scores become weights: the kinds that heedc knows, and normalizers of one's own.
#pragma once

#include <heed/builder/tensors.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace heed {
inline namespace builder {

/// The row of scores that a normalizer works on.
struct Row {
  Integer batch, head, query;
};

namespace detail {
struct NormalizerData;
}

/// What Attention::normalize takes. docs/builder.md has the formulas.
class Normalizer {
public:
  static Normalizer softmax();
  static Normalizer softmaxSinks(const Tensor<Real, 1> &sinks); ///< a logit for each head
  static Normalizer softmaxPlusOne();
  static Normalizer sigmoid(const Tensor<Real, 1> &bias); ///< for each head
  static Normalizer reluSquared();
  static Normalizer none(); ///< the weights are the scores
  static Normalizer sparsemax();
  static Normalizer entmax15();

  std::shared_ptr<const detail::NormalizerData> data;
};

/// The numbers that sum a set of keys up.
template <size_t N> using State = std::array<Real, N>;

/// Two states as one, and what the weights of each are multiplied by.
template <size_t N> struct Merged {
  State<N> state;
  Real first, second;
};

/// What makes weights final, and where the normalizer has one the log-sum-exp.
struct Final {
  Real factor;
  std::optional<Real> logSumExp = {};
};

/// A normalizer whose states over parts of the keys merge: `attn.normalizer`, whose rules hold.
template <size_t N> struct OnlineNormalizer {
  std::string name;
  State<N> identity;                                 ///< of no key
  std::function<State<N>(Real x, Row)> summarize;    ///< with blockMax and blockSum
  std::function<Real(Real x, State<N>, Row)> weight; ///< not yet final
  std::function<Merged<N>(State<N>, State<N>)> merge;
  std::function<Final(State<N>, Row)> finalize;
  double unit = 1; ///< that scores are multiplied by first

  operator Normalizer() const;
};

/// A normalizer that finds, by bisection, the threshold at which the weights sum to 1:
/// `attn.threshold_normalizer`. x is relative to the row's largest score.
struct ThresholdNormalizer {
  std::string name;
  std::function<std::pair<Real, Real>()> bracket; ///< sums of at least 1, at most 1
  std::function<Real(Real x, Real threshold, Row)> weight;    ///< falls as the threshold grows
  double unit = 1;

  operator Normalizer() const;
};

/// Of the keys of a block that count: the largest of a value, -1e30 without a key; the sum.
Real blockMax(const Real &value);
Real blockSum(const Real &value);
/// 2^x for x <= 0, at least 2^-100.
Real decay(const Real &x);

namespace detail {

/// One region of a normalizer of one's own: parameters that are numbers come first.
struct NormalizerRegion {
  std::string keyword;
  std::vector<NodePtr> parameters, yields;
};
Normalizer makeNormalizer(const char *op, std::string name, double unit,
                          std::vector<NormalizerRegion> regions);
NodePtr numberParameter(std::string name);
Row rowParameters();

template <size_t N> State<N> stateParameters(const std::string &name) {
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return State<N>{Real(numberParameter(name + (N == 1 ? "" : std::to_string(I))))...};
  }(std::make_index_sequence<N>());
}

inline void append(std::vector<NodePtr> &nodes, const Real &value) { nodes.push_back(value.node); }
template <size_t N> void append(std::vector<NodePtr> &nodes, const State<N> &state) {
  for (const Real &value : state)
    nodes.push_back(value.node);
}
inline void append(std::vector<NodePtr> &nodes, const Row &row) {
  for (const Integer &position : {row.batch, row.head, row.query})
    nodes.push_back(position.node);
}
template <typename... T> std::vector<NodePtr> nodesOf(const T &...values) {
  std::vector<NodePtr> nodes;
  (append(nodes, values), ...);
  return nodes;
}

} // namespace detail

template <size_t N> OnlineNormalizer<N>::operator Normalizer() const {
  using namespace detail;
  Real x(numberParameter("x"));
  State<N> a = stateParameters<N>("a"), b = stateParameters<N>("b");
  Row row = rowParameters();
  Merged<N> merged = merge(a, b);
  Final last = finalize(a, row);
  std::vector<NodePtr> ends = nodesOf(last.factor);
  if (last.logSumExp)
    append(ends, *last.logSumExp);
  return makeNormalizer(
      "attn.normalizer", name, unit,
      {{"identity", {}, nodesOf(identity)},
       {"summarize", nodesOf(x, row), nodesOf(summarize(x, row))},
       {"weight", nodesOf(x, a, row), nodesOf(weight(x, a, row))},
       {"merge", nodesOf(a, b), nodesOf(merged.state, merged.first, merged.second)},
       {"finalize", nodesOf(a, row), ends}});
}

} // namespace builder
} // namespace heed
