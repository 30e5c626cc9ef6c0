// Queries, keys and values made while they are loaded.
#include "compiler/builder/Description.h"

namespace heed {
inline namespace builder {

using namespace detail;

/// Records an element of an operand whose rows have the argument's columns.
static Step recordStep(const detail::Operand &operand, const std::string &what,
                       const std::function<Real(Element)> &element) {
  const TensorData &argument = *operand.argument;
  auto source =
      std::make_shared<const TensorData>(TensorData{argument.name, "$T", {any, any, any, any}, ""});
  auto position = [](const char *name) { return Integer(parameter(name, "index")); };
  Integer batch = position("batch"), place = position("position"), head = position("head"),
          column = position("column");
  Tensor<Real, 4> tensor(source);
  Real value = tensor(batch, place, head, column);
  Step step;
  step.what = what;
  step.source = source;
  step.region = {{batch.node, place.node, head.node, column.node},
                 {element({value, batch, place, head, column, tensor}).node}};
  return step;
}

Real Element::rowSum(const Real &value) const { return reduce("row_sum", value); }

std::optional<Step> detail::Operand::load() const {
  if (stored.isPlain())
    return std::nullopt;
  Step step = recordStep(*this, stored.row ? stored.place : "dequantized", [&](Element e) {
    if (stored.row) {
      std::array<Integer, 2> row = stored.row(e);
      e.batch = row[0], e.position = row[1];
      e.value = e.at(e.column);
    }
    return stored.scale ? e.value * stored.scale(e) : e.value;
  });
  if (stored.row)
    step.positions = stored.positions ? stored.positions : step.source;
  step.factor = stored.factor;
  return step;
}

void Attention::addElements(Operand operand, const std::string &what,
                            const std::function<Real(Element)> &element) {
  detail::Operand &made = state->operands[static_cast<int>(operand)];
  made.steps.push_back(recordStep(made, what, element));
}

void Attention::addPlaces(const std::string &what, const TensorPtr &positions, int64_t factor,
                          const std::function<std::array<Integer, 2>(Element)> &row) {
  for (Operand operand : {Operand::Key, Operand::Value}) {
    detail::Operand &made = state->operands[static_cast<int>(operand)];
    if (made.stored.row)
      throw BuilderError("'" + made.argument->name + "_" + made.stored.place + "' and '" +
                         made.argument->name + "_" + what + "' exclude each other");
    made.stored.place = what, made.stored.row = row;
    made.stored.positions = positions, made.stored.factor = factor;
  }
}

void Attention::addScale(Operand operand, const TensorPtr &ofTokens,
                         const std::function<Real(Element)> &scale) {
  detail::Operand &made = state->operands[static_cast<int>(operand)];
  if (made.stored.scale)
    throw BuilderError("int8 says twice what '" + made.argument->name + "' holds");
  made.argument->element = "i8";
  made.stored.scale = scale, made.stored.scaleOfTokens = ofTokens;
}

void Attention::addProjection(Operand operand, TensorPtr weights) {
  Step step;
  step.what = "projected";
  step.weights = std::move(weights);
  state->operands[static_cast<int>(operand)].steps.push_back(std::move(step));
}

void Attention::rotary(const Tensor<Real, 2> &cosines, const Tensor<Real, 2> &sines, Rotary pairs) {
  int64_t half = state->shape.headDim / 2;
  auto turn = [&](const Element &e, const Integer &place) {
    Integer c = e.column;
    bool halves = pairs == Rotary::Half;
    Truth isFirst = halves ? c < half : c % 2 == 0;
    Integer angle = halves ? c % half : c / 2;
    int64_t step = halves ? half : 1;
    Real other = e.at(select(isFirst, c + step, c - step));
    Real sine = sines(place, angle);
    return e.value * cosines(place, angle) + other * select(isFirst, -sine, sine);
  };
  addElements(Operand::Query, "turned", [&](Element e) { return turn(e, e.place()); });
  addElements(Operand::Key, "turned", [&](Element e) { return turn(e, e.position); });
}

void Attention::queryKeyNorm(const Tensor<Real, 1> &queryWeights, const Tensor<Real, 1> &keyWeights,
                             double epsilon) {
  auto normalize = [&](const Element &e, const Tensor<Real, 1> &weights) {
    Real meanSquare =
        e.rowSum(e.value * e.value) * (1.0 / static_cast<double>(state->shape.headDim));
    return e.value * rsqrt(meanSquare + epsilon) * weights[e.column];
  };
  addElements(Operand::Query, "normed", [&](Element e) { return normalize(e, queryWeights); });
  addElements(Operand::Key, "normed", [&](Element e) { return normalize(e, keyWeights); });
}

void Attention::valueFromKeys() {
  detail::Operand &made = state->operands[2];
  made.argument = state->operands[1].argument;
  int64_t last =
      state->shape.valueDim - 1; // the key has more columns than there are positions here
  Step step = recordStep(made, "value", [&](Element e) { return e.at(min(e.column, last)); });
  step.columns = state->shape.valueDim;
  made.steps.push_back(std::move(step));
}

void Attention::paged(int64_t pageSize, std::string name) {
  Tensor<int32_t, 2> table = input<int32_t>(std::move(name), {any, any});
  addPlaces("from_pages", table.data, pageSize, [=](const Element &e) {
    return std::array<Integer, 2>{table(e.batch, e.position / pageSize), e.position % pageSize};
  });
  for (Operand operand : {Operand::Key, Operand::Value})
    state->operands[static_cast<int>(operand)].argument->extents[1] = pageSize;
}

void Attention::ring(std::string name) {
  Tensor<int32_t, 1> begins = input<int32_t>(std::move(name), {any});
  addPlaces("from_ring", nullptr, 1, [=](const Element &e) {
    return std::array<Integer, 2>{e.batch, (e.position + begins[e.batch]) % e.source.extent(1)};
  });
}

} // namespace builder
} // namespace heed
