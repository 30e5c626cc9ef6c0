// Queries, keys and values made while they are loaded.
#include "compiler/builder/Description.h"

#include <algorithm>

namespace heed {
inline namespace builder {

using namespace detail;

void detail::Operand::add(Step step) {
  auto isLater = [&](const Step &other) { return other.rank > step.rank; };
  auto place = std::find_if(steps.begin(), steps.end(), isLater);
  if (step.rank != StepRank::Other && place != steps.begin() && std::prev(place)->rank == step.rank)
    throw BuilderError("'" + argument->name + "_" + std::prev(place)->what + "' and '" +
                       argument->name + "_" + step.what + "' exclude each other");
  steps.insert(place, std::move(step));
}

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

void Attention::addElements(Operand operand, const std::string &what,
                            const std::function<Real(Element)> &element) {
  detail::Operand &made = state->operands[static_cast<int>(operand)];
  made.add(recordStep(made, what, element));
}

void Attention::addPages(Operand operand, const std::string &what, const TensorPtr &positions,
                         int64_t factor, const std::function<Real(Element)> &element) {
  detail::Operand &made = state->operands[static_cast<int>(operand)];
  Step step = recordStep(made, what, element);
  step.positions = positions ? positions : step.source;
  step.factor = factor;
  step.rank = StepRank::Pages;
  made.add(std::move(step));
}

void Attention::addDequantization(Operand operand, const std::function<Real(Element)> &element) {
  detail::Operand &made = state->operands[static_cast<int>(operand)];
  made.argument->element = "i8";
  Step step = recordStep(made, "dequantized", element);
  step.rank = StepRank::Dequantization;
  made.add(std::move(step));
}

void Attention::addProjection(Operand operand, TensorPtr weights) {
  Step step;
  step.what = "projected";
  step.weights = std::move(weights);
  state->operands[static_cast<int>(operand)].add(std::move(step));
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
  made.add(std::move(step));
}

void Attention::paged(int64_t pageSize, std::string name) {
  Tensor<int32_t, 2> table = input<int32_t>(std::move(name), {any, any});
  for (Operand operand : {Operand::Key, Operand::Value}) {
    addPages(operand, "from_pages", table.data, pageSize, [&](Element e) {
      Integer page = table(e.batch, e.position / pageSize);
      return e.source(page, e.position % pageSize, e.head, e.column);
    });
    state->operands[static_cast<int>(operand)].argument->extents[1] = pageSize;
  }
}

void Attention::ring(std::string name) {
  Tensor<int32_t, 1> begins = input<int32_t>(std::move(name), {any});
  for (Operand operand : {Operand::Key, Operand::Value})
    addPages(operand, "from_ring", nullptr, 1, [&](Element e) {
      Integer row = (e.position + begins[e.batch]) % e.source.extent(1);
      return e.source(e.batch, row, e.head, e.column);
    });
}

} // namespace builder
} // namespace heed
