// What an Attention has been told.
#pragma once

#include "compiler/builder/Text.h"

#include <heed/builder/attention.h>

#include <array>
#include <functional>
#include <optional>

namespace heed {
inline namespace builder {

namespace detail {

struct NormalizerData {
  std::string name;                ///< a kind's, or @name
  std::vector<TensorPtr> captures; ///< of a kind; those of one's own are in its regions
  const char *op = nullptr;        ///< of one's own, with its regions
  double unit = 1;
  std::vector<NormalizerRegion> regions;
  size_t states = 0; ///< numbers of a state; 0 where it has none
};

/// One op that makes an operand from what the step before it gave.
struct Step {
  std::string what;                   ///< the result's name: q_WHAT
  TensorPtr source;                   ///< stands for what the step before it gave
  TensorPtr weights;                  ///< of a projection, else null
  Region region;                      ///< of any other
  TensorPtr positions;                ///< the number of positions is that of axis 1 of this, ...
  int64_t factor = 1;                 ///< ... times this; null: a load tells
  std::optional<Extent> columns = {}; ///< of the result, where not as many as before
};

/// How an operand lies in memory, where it does not lie there as rows of numbers: the first step
/// undoes it.
struct Stored {
  std::string place; ///< from_pages or from_ring; empty: rows lie at their positions
  std::function<std::array<Integer, 2>(Element)> row; ///< the first two indices of a position's row
  TensorPtr positions;                                ///< as in Step
  int64_t factor = 1;
  std::function<Real(Element)> scale; ///< of an int8; its batch and position are its row's indices
  TensorPtr scaleOfTokens;            ///< that it reads, in pages like the rows

  bool isPlain() const { return !row && !scale; }
};

struct Operand {
  std::shared_ptr<TensorData> argument;
  Stored stored;
  std::vector<Step> steps; ///< in the order of the calls

  std::optional<Step> load() const; ///< what comes before them
};

/// What is returned after the output.
enum class Result { LogSumExp, Weights, RawScores, ModifiedScores, MaskedScores, KeySums };

struct Description {
  std::string name;
  AttentionShape shape;
  std::array<Operand, 3> operands; ///< query, key, value
  std::vector<TensorPtr> inputs;   ///< after these

  std::string scoreKind; ///< empty until one is chosen: scaled_dot
  std::optional<double> scale;
  std::optional<Region> pairwise;
  std::vector<Region> modifies, masks;
  Normalizer normalizer = Normalizer::softmax();
  std::string weightsAs; ///< a type that weights may be rounded to; empty: none

  std::vector<Result> results;
  bool isPartial = false;

  void chooseScore(const char *kind);
  /// Rows of the output, or of its state.
  TensorData output() const;
  TensorData partial() const;
};

/// The normalizer's captures, whether a kind's or of one's own.
std::vector<TensorPtr> capturesOf(const NormalizerData &normalizer);

/// The kernels that merge and finish what a partial kernel gives.
std::string writeStateKernels(const Description &kernel);

} // namespace detail
} // namespace builder
} // namespace heed
