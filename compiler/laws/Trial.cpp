#include "compiler/laws/Trial.h"
#include "compiler/reference/Together.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace heed {
namespace {

/// An element of a capture: the same for the same place.
Number elementOf(mlir::Type tensor, unsigned capture, llvm::ArrayRef<Number> indices) {
  uint64_t place = capture;
  for (const Number &index : indices)
    place = place * 1000003 + uint64_t(index.asInteger());
  std::mt19937 random{unsigned(place)};
  mlir::Type element = llvm::cast<mlir::RankedTensorType>(tensor).getElementType();
  if (element.isInteger(1))
    return Number(random() % 2 == 0);
  if (element.isInteger())
    return Number(int64_t(random() % 8));
  return Number(std::uniform_real_distribution<double>(-3, 3)(random));
}

Reals realsOf(const Numbers &numbers) {
  Reals reals;
  for (const Number &number : numbers)
    reals.push_back(number.asReal());
  return reals;
}

} // namespace

Trial::Trial(const Normalizer &normalizer) : normalizer(normalizer) {
  auto types = normalizer.online()
                   ? attn::NormalizerOp(normalizer.online()).getCaptureTypes()
                   : attn::ThresholdNormalizerOp(normalizer.threshold()).getCaptureTypes();
  context.load = [types](unsigned capture, llvm::ArrayRef<Number> indices) {
    return elementOf(types[capture], capture, indices);
  };
  context.extent = [](unsigned, unsigned) { return Number(int64_t(8)); };
}

double Trial::between(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

Reals Trial::keys(size_t least, double largest, bool maybeInfinite) {
  double magnitude = std::pow(10, between(-6, std::log10(largest)));
  if (random() % 2) // what scores mostly are
    magnitude = std::min(largest, 10.0);
  Reals scores(std::max<size_t>(least, random() % 7));
  for (double &score : scores)
    score = between(-magnitude, magnitude);
  if (maybeInfinite && !scores.empty() && random() % 20 == 0)
    scores.front() = std::numeric_limits<double>::infinity();
  return scores;
}

mlir::LogicalResult Trial::tryRegions() const {
  for (mlir::Region &region : normalizer.op()->getRegions()) {
    Numbers parameters;
    for (mlir::Type type : region.getArgumentTypes())
      if (!llvm::isa<mlir::RankedTensorType>(type))
        parameters.push_back(type.isIndex() ? Number(int64_t(0)) : Number(0.0));
    if (failed(evaluateTogether(region, {parameters}, context)))
      return mlir::failure();
  }
  return mlir::success();
}

Reals Trial::read(mlir::Region &region, const Reals &numbers, bool isPlaced) const {
  Numbers parameters(numbers.begin(), numbers.end());
  if (isPlaced)
    parameters.append(3, Number(int64_t(0))); // batch, head, query
  return realsOf(*evaluate(region, parameters, context));
}

Reals Trial::identity() const {
  return read(attn::NormalizerOp(normalizer.online()).getIdentity(), {}, false);
}

// A block without keys looks at one that does not count.
Reals Trial::summarize(const Reals &keys) const {
  mlir::Region &region = attn::NormalizerOp(normalizer.online()).getSummarize();
  std::vector<Numbers> placed;
  for (double key : keys)
    placed.push_back({key, int64_t(0), int64_t(0), int64_t(0)});
  if (!placed.empty())
    return realsOf(evaluateTogether(region, placed, context)->front());
  bool isSingle = attn::NormalizerOp(normalizer.online()).getArithmeticType().isF32();
  double noScore = isSingle ? float(attn::noScore) : attn::noScore;
  Trial none = *this;
  none.context.blockMax = [=](attn::BlockMaxOp, Number) { return Number(noScore); };
  none.context.blockSum = [](attn::BlockSumOp, Number) { return Number(0.0); };
  return none.read(region, {noScore}, true);
}

double Trial::weight(double score, const Reals &state) const {
  Reals numbers = state;
  numbers.insert(numbers.begin(), score);
  return read(attn::NormalizerOp(normalizer.online()).getWeight(), numbers, true).front();
}

Reals Trial::merge(const Reals &first, const Reals &second) const {
  Reals both = first;
  both.insert(both.end(), second.begin(), second.end());
  return read(attn::NormalizerOp(normalizer.online()).getMerge(), both, false);
}

Reals Trial::finalize(const Reals &state) const {
  return read(attn::NormalizerOp(normalizer.online()).getFinalize(), state, true);
}

Reals Trial::bracket() const {
  return read(attn::ThresholdNormalizerOp(normalizer.threshold()).getBracket(), {}, false);
}

double Trial::weight(double score, double threshold) const {
  return read(attn::ThresholdNormalizerOp(normalizer.threshold()).getWeight(), {score, threshold},
              true)
      .front();
}

std::string show(const Reals &numbers) {
  std::string text;
  for (double number : numbers)
    text += fmt::format("{}{:.6g}", text.empty() ? "" : ", ", number);
  return "[" + text + "]";
}

bool agree(double a, double b, const Reals &among) {
  constexpr double rounding = 1e-9, negligible = 1e-24; // decay ends at 2^-100
  if (!std::isfinite(a) || !std::isfinite(b))
    return !std::isfinite(a) && !std::isfinite(b);
  double scale = 0;
  for (double number : among)
    if (std::abs(number) < std::abs(attn::noScore) / 10)
      scale = std::max(scale, std::abs(number));
  return std::abs(a - b) <= rounding * std::max({scale, std::abs(a), std::abs(b)}) + negligible;
}

} // namespace heed
