// What an Attention has been told.
#pragma once

#include "compiler/builder/Text.h"

#include <heed/builder/attention.h>

#include <array>

namespace heed {
inline namespace builder {

namespace detail {

struct NormalizerData {
  std::string name;                ///< a kind's, or @name
  std::vector<TensorPtr> captures; ///< of a kind; those of one's own are in its regions
  const char *op = nullptr;        ///< of one's own, with its regions
  double unit = 1;
  std::vector<NormalizerRegion> regions;
};

/// Steps of an operand come in this order, and within a rank in that of the calls.
enum class StepRank { Pages, Dequantization, Other };

/// One op that makes an operand from what the step before it gave.
struct Step {
  std::string what;    ///< the result's name: q_WHAT
  TensorPtr source;    ///< stands for what the step before it gave
  TensorPtr weights;   ///< of a projection, else null
  Region region;       ///< of any other
  TensorPtr positions; ///< the number of positions is that of axis 1 of this, ...
  int64_t factor = 1;  ///< ... times this; null: a load tells
  StepRank rank = StepRank::Other;
  std::optional<Extent> columns = {}; ///< of the result, where not as many as before
};

struct Operand {
  std::shared_ptr<TensorData> argument;
  std::vector<Step> steps;

  void add(Step step);
};

} // namespace detail

struct Attention::State {
  std::string name;
  AttentionShape shape;
  std::array<detail::Operand, 3> operands;
  std::vector<detail::TensorPtr> inputs; ///< after query, key and value

  std::string scoreKind = "scaled_dot";
  std::optional<double> scale;
  std::optional<detail::Region> pairwise;
  std::vector<detail::Region> scoreModifies, modifies, masks; ///< a score's own modifies come first
  Normalizer normalizer = Normalizer::softmax();

  enum class Result { LogSumExp, Weights, RawScores, ModifiedScores, MaskedScores, KeySums };
  std::vector<Result> results;
  std::optional<unsigned> partial; ///< state values of the normalizer

  detail::Operand &operand(Attention::Operand which) { return operands[static_cast<int>(which)]; }
};

} // namespace builder
} // namespace heed
