#include "compiler/builder/Description.h"

#include <algorithm>

namespace heed {
inline namespace builder {

using namespace detail;

static const char *elementOf(Storage storage) {
  switch (storage) {
  case Storage::F32:
    return "f32";
  case Storage::F64:
    return "f64";
  case Storage::F16:
    return "f16";
  case Storage::BF16:
    return "bf16";
  }
  return "";
}

static Integer indexParameter(std::string name) {
  return Integer(parameter(std::move(name), "index"));
}

Attention::Attention(std::string name, AttentionShape shape)
    : state(std::make_unique<Description>()) {
  shape.keyHeads = shape.keyHeads == 0 ? shape.heads : shape.keyHeads;
  shape.valueDim = shape.valueDim == 0 ? shape.headDim : shape.valueDim;
  shape.cache = shape.cache.value_or(shape.query);
  state->name = std::move(name);
  state->shape = shape;
  auto argument = [&](const char *called, Storage storage, Extent heads, Extent dim) {
    return detail::Operand{std::make_shared<TensorData>(
                               TensorData{called, elementOf(storage), {any, any, heads, dim}, ""}),
                           {},
                           {}};
  };
  state->operands = {argument("q", shape.query, shape.heads, shape.headDim),
                     argument("k", *shape.cache, shape.keyHeads, shape.headDim),
                     argument("v", *shape.cache, shape.keyHeads, shape.valueDim)};
}

Attention::~Attention() = default;

const AttentionShape &Attention::shape() const { return state->shape; }

TensorPtr Attention::addInput(std::string name, std::string element, std::vector<Extent> extents,
                              std::string role) {
  auto taken = [&](const TensorPtr &other) { return other->name == name; };
  if (name == "q" || name == "k" || name == "v" ||
      std::any_of(state->inputs.begin(), state->inputs.end(), taken))
    throw BuilderError("kernel '" + state->name + "' has two arguments called '" + name + "'");
  state->inputs.push_back(std::make_shared<const TensorData>(
      TensorData{std::move(name), std::move(element), std::move(extents), std::move(role)}));
  return state->inputs.back();
}

Segments Attention::segments(std::string name) {
  return Segments(addInput(std::move(name), "i32", {any}, "attn.segments"));
}
void Attention::keyLengths(std::string name) {
  addInput(std::move(name), "i32", {any}, "attn.key_lengths");
}
void Attention::queryLengths(std::string name) {
  addInput(std::move(name), "i32", {any}, "attn.query_lengths");
}
void Attention::queryOffsets(std::string name) {
  addInput(std::move(name), "i32", {any}, "attn.query_offsets");
}

Integer Position::queryLength() const { return Integer(plain("queries", "attn.query_length")); }
Integer Position::keyLength() const { return Integer(plain("keys", "attn.key_length")); }

static Integer placeOf(const Integer &query, Alignment alignment) {
  if (alignment == Alignment::TopLeft)
    return query;
  return binary("add", "place", query, Integer(plain("offset", "attn.query_offset")));
}
Integer Position::place(Alignment alignment) const { return placeOf(query, alignment); }
Integer Element::place(Alignment alignment) const { return placeOf(position, alignment); }

static Position positionParameters() {
  return {indexParameter("batch"), indexParameter("head"), indexParameter("query"),
          indexParameter("key")};
}

static Region pairRegion(const Position &p) {
  return {{p.batch.node, p.head.node, p.query.node, p.key.node}, {}};
}

static Region modifyRegion(const std::function<Real(Real, Position)> &score) {
  Position p = positionParameters();
  Region region = pairRegion(p);
  Real x(parameter("x", "$T"));
  region.parameters.insert(region.parameters.begin(), x.node);
  region.yields = {score(x, p).node};
  return region;
}

void Attention::addModify(const std::function<Real(Real, Position)> &score) {
  state->modifies.push_back(modifyRegion(score));
}

void Attention::addMask(const std::function<Truth(Position)> &counts) {
  Position p = positionParameters();
  Region region = pairRegion(p);
  region.yields = {counts(p).node};
  state->masks.push_back(std::move(region));
}

void Description::chooseScore(const char *kind) {
  if (!scoreKind.empty())
    throw BuilderError("kernel '" + name + "' has one score, not two");
  scoreKind = kind;
}

void Attention::dot() { state->chooseScore("dot"); }
void Attention::scaledDot() { state->chooseScore("scaled_dot"); }
void Attention::scaledDot(double scale) {
  scaledDot();
  state->scale = scale;
}

void Attention::setPairwise(const std::function<Real(Real, Real, Feature)> &feature) {
  Real x(parameter("x", "$T")), y(parameter("y", "$T"));
  Feature f{indexParameter("batch"), indexParameter("head"), indexParameter("column")};
  state->chooseScore("pairwise");
  state->pairwise =
      Region{{x.node, y.node, f.batch.node, f.head.node, f.column.node}, {feature(x, y, f).node}};
}

void Attention::cosine(const Tensor<Real, 1> &scales) {
  auto normalize = [](Element e) {
    return e.value * rsqrt(max(e.rowSum(e.value * e.value), 1e-24));
  };
  addElements(Operand::Query, "direction",
              [&](Element e) { return normalize(e) * scales[e.head]; });
  addElements(Operand::Key, "direction", normalize);
  dot();
}

void Attention::bilinear(const Tensor<Real, 3> &weights) {
  projectQuery(weights);
  dot();
}

void Attention::additive(const Tensor<Real, 3> &queryWeights, const Tensor<Real, 3> &keyWeights,
                         const Tensor<Real, 1> &weights) {
  projectQuery(queryWeights);
  projectKey(keyWeights);
  pairwise([&](Real x, Real y, Feature f) { return weights[f.column] * tanh(x + y); });
}

void Attention::negativeSquaredDistance() {
  pairwise([](Real x, Real y, Feature) { return -((x - y) * (x - y)); });
}

void Attention::normalize(const Normalizer &normalizer) { state->normalizer = normalizer; }

void Attention::weightsAs(Storage storage) { state->weightsAs = elementOf(storage); }

void Attention::returnLogSumExp() { state->results.push_back(Result::LogSumExp); }
void Attention::returnWeights() { state->results.push_back(Result::Weights); }
void Attention::returnKeySums() { state->results.push_back(Result::KeySums); }
void Attention::returnScores(Stage stage) {
  state->results.push_back(stage == Stage::Raw        ? Result::RawScores
                           : stage == Stage::Modified ? Result::ModifiedScores
                                                      : Result::MaskedScores);
}
void Attention::returnPartial() { state->isPartial = true; }

} // namespace builder
} // namespace heed
