#include "compiler/builder/Description.h"

namespace heed {
inline namespace builder {

using namespace detail;

static Normalizer kind(const char *name, size_t states, std::vector<TensorPtr> captures = {}) {
  return {std::make_shared<const NormalizerData>(
      NormalizerData{name, std::move(captures), nullptr, 1, {}, states})};
}

Normalizer Normalizer::softmax() { return kind("softmax", 2); }
Normalizer Normalizer::softmaxSinks(const Tensor<Real, 1> &sinks) {
  return kind("softmax_sinks", 2, {sinks.data});
}
Normalizer Normalizer::softmaxPlusOne() { return kind("softmax_plus_one", 2); }
Normalizer Normalizer::sigmoid(const Tensor<Real, 1> &bias) {
  return kind("sigmoid", 0, {bias.data});
}
Normalizer Normalizer::reluSquared() { return kind("relu_squared", 0); }
Normalizer Normalizer::none() { return kind("none", 0); }
Normalizer Normalizer::sparsemax() { return kind("sparsemax", 0); }
Normalizer Normalizer::entmax15() { return kind("entmax15", 0); }

Real blockMax(const Real &value) { return reduce("block_max", value); }
Real blockSum(const Real &value) { return reduce("block_sum", value); }
Real decay(const Real &x) { return reduce("decay", x); }

namespace detail {

NodePtr numberParameter(std::string name) { return parameter(std::move(name), "$T"); }

Row rowParameters() {
  return {Integer(parameter("batch", "index")), Integer(parameter("head", "index")),
          Integer(parameter("query", "index"))};
}

Normalizer makeNormalizer(const char *op, std::string name, double unit,
                          std::vector<NormalizerRegion> regions) {
  size_t states = 0;
  for (const NormalizerRegion &region : regions)
    if (region.keyword == "identity")
      states = region.yields.size();
  return {std::make_shared<const NormalizerData>(
      NormalizerData{"@" + name, {}, op, unit, std::move(regions), states})};
}

std::vector<TensorPtr> capturesOf(const NormalizerData &normalizer) {
  if (!normalizer.op)
    return normalizer.captures;
  std::vector<Region> regions;
  for (const NormalizerRegion &region : normalizer.regions)
    regions.push_back({region.parameters, region.yields});
  std::vector<const Region *> pointers;
  for (const Region &region : regions)
    pointers.push_back(&region);
  return capturesOf(pointers);
}

} // namespace detail

ThresholdNormalizer::operator Normalizer() const {
  Real x(numberParameter("x")), threshold(numberParameter("threshold"));
  Row row = rowParameters();
  auto [low, high] = bracket();
  return makeNormalizer(
      "attn.threshold_normalizer", name, unit,
      {{"bracket", {}, nodesOf(low, high)},
       {"weight", nodesOf(x, threshold, row), nodesOf(weight(x, threshold, row))}});
}

} // namespace builder
} // namespace heed
