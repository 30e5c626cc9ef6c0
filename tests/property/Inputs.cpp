#include "tests/property/Inputs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace heed::property {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

void fillPart(Tensor &tensor, int begin, int end) { tensor.set({0}, begin), tensor.set({1}, end); }

class Maker {
public:
  Maker(const Description &description, const Call &call)
      : d(description), call(call), random(call.seed) {}

  Tensors make() {
    double queryScale = call.data == Data::Large  ? 300
                        : call.data == Data::Huge ? std::pow(10, random.real(4, 12))
                                                  : 1;
    for (const Argument &argument : d.arguments())
      addArgument(argument, queryScale);
    addLengths();
    if (d.isPartial)
      addOutput(arithmetic(),
                {call.batch, call.queries, call.heads(), d.valueDim + d.normalizer.states});
    else
      addOutputs();
    return std::move(tensors);
  }

  Tensors makeMerge(Tensors first, Tensors second) {
    size_t end = d.arguments().size(), begin = end - d.normalizer.component.captures.size();
    tensors.inputs.push_back(std::move(first.outputs.front()));
    tensors.inputs.push_back(std::move(second.outputs.front()));
    for (size_t i = begin; i < end; i++)
      tensors.inputs.push_back(std::move(first.inputs[i]));
    addOutputs();
    return std::move(tensors);
  }

private:
  const Description &d;
  const Call &call;
  Random random;
  Tensors tensors;

  Layout layout(const std::vector<int64_t> &shape, bool isOutput) {
    int rank = int(shape.size());
    Layout l{std::vector<int>(rank), std::vector<int>(rank), std::vector<bool>(rank),
             std::vector<bool>(rank)};
    std::iota(l.order.begin(), l.order.end(), 0);
    if (call.placement == Placement::Heads && rank == 4)
      std::swap(l.order[1], l.order[2]);
    l.againstBegin = random.oneIn(3);
    if (call.placement != Placement::Random)
      return l;
    for (int i = rank - 2; i > 0; i--)
      std::swap(l.order[i], l.order[random.between(0, i)]);
    for (int i = 0; i < rank; i++) {
      bool isLast = i == rank - 1;
      l.padding[i] = random.oneIn(3) ? random.between(1, 9) : 0;
      l.reversed[i] = !isLast && random.oneIn(4);
      l.broadcast[i] = !isLast && !isOutput && random.oneIn(6);
    }
    return l;
  }

  Tensor &input(ElementType type, std::vector<int64_t> shape) {
    Layout l = layout(shape, false);
    tensors.inputs.push_back(std::make_unique<Tensor>(type, std::move(shape), l));
    return *tensors.inputs.back();
  }

  void addOutput(ElementType type, const std::vector<int64_t> &shape) {
    tensors.outputs.push_back(std::make_unique<Tensor>(type, shape, layout(shape, true)));
  }

  ElementType arithmetic() const { return d.isDouble ? ElementType::F64 : ElementType::F32; }

  void addOutputs() {
    addOutput(d.output, {call.batch, call.queries, call.heads(), d.valueDim});
    for (const Result &result : d.results)
      if (result.kind == Result::LogSumExp)
        addOutput(arithmetic(), {call.batch, call.heads(), call.queries});
      else if (result.kind == Result::KeySums)
        addOutput(arithmetic(), {call.batch, call.heads(), call.keys});
      else
        addOutput(arithmetic(), {call.batch, call.heads(), call.queries, call.keys});
  }

  int64_t extentOf(const Axis &axis) const {
    switch (axis.over) {
    case Over::Batch:
      return call.batch;
    case Over::Head:
      return call.heads();
    case Over::KeyHead:
      return call.keyHeads;
    case Over::Query:
      return call.queries;
    case Over::Key:
    case Over::Ring:
      return call.keys;
    case Over::Past:
      return call.past();
    case Over::New:
      return call.keys - call.past();
    case Over::Page:
      return call.keys / axis.extent;
    case Over::Fixed:
    case Over::Own:
      return axis.extent;
    }
    return 0;
  }

  void addArgument(const Argument &argument, double queryScale) {
    const Capture &capture = argument.capture;
    std::vector<int64_t> shape;
    for (const Axis &axis : capture.axes)
      shape.push_back(extentOf(axis));
    Tensor &tensor = input(capture.element, shape);
    if (capture.isPart)
      return fillPart(tensor, 0, call.keys);
    if (capture.isSegments)
      return fillSegments(tensor);
    if (!isFloat(capture.element))
      return fillIntegers(tensor, capture);
    fill(tensor, capture.limit * (argument.part == Part::Query ? queryScale : 1));
    Data bad = argument.part == Part::Query   ? Data::BadQuery
               : argument.part == Part::Key   ? Data::BadKey
               : argument.part == Part::Value ? Data::BadValue
                                              : Data::BadCapture;
    if (call.data == bad && argument.part != Part::Other)
      spoilRows(tensor, isFactor(argument.part));
    else if (call.data == bad)
      forEachIndex(tensor.shape(), [&](const Index &index) {
        if (random.oneIn(40))
          tensor.set(index, this->bad());
      });
    auto axisOf = [&](Over over) {
      return size_t(std::find_if(capture.axes.begin(), capture.axes.end(),
                                 [&](Axis a) { return a.over == over; }) -
                    capture.axes.begin());
    };
    poisoned.push_back({&tensor, axisOf(Over::Batch), axisOf(Over::Query), axisOf(Over::Key)});
  }

  void fillIntegers(Tensor &tensor, const Capture &capture) {
    bool isByte = capture.element == ElementType::I8;
    int low = isByte ? -128 : 0, high = isByte ? 127 : int(capture.limit) - 1;
    forEachIndex(tensor.shape(),
                 [&](const Index &index) { tensor.set(index, random.between(low, high)); });
  }

  void fillSegments(Tensor &tensor) {
    std::vector<int> starts;
    forEachIndex(tensor.shape(), [&](const Index &) {
      starts.push_back(random.between(0, std::min(call.queries, call.keys)));
    });
    std::sort(starts.begin(), starts.end());
    forEachIndex(tensor.shape(),
                 [&](const Index &index) { tensor.set(index, starts[size_t(index[0])]); });
  }

  void fill(Tensor &tensor, double deviation) {
    forEachIndex(tensor.shape(),
                 [&](const Index &index) { tensor.set(index, random.normal() * deviation); });
  }

  double bad() { return random.pick({notANumber, notANumber, infinity, -infinity}); }

  // Infinite ones multiply sums in some forms, elements in others: docs/architecture.md.
  bool isFactor(Part part) const {
    const Operand &operand = part == Part::Query ? d.query : part == Part::Key ? d.key : d.value;
    return operand.made && operand.made->component.kind == "int8 per token";
  }

  // Some elements of one row in eight; of factors of rows with NaN alone.
  void spoilRows(Tensor &tensor, bool areFactors = false) {
    std::vector<int64_t> rows = tensor.shape();
    int64_t columns = rows.back();
    rows.back() = 1;
    forEachIndex(rows, [&](Index index) {
      if (!random.oneIn(8))
        return;
      double value = bad();
      if (areFactors && std::isinf(value))
        value = notANumber;
      bool whole = random.oneIn(2);
      for (index.back() = 0; index.back() < columns; index.back()++)
        if (whole || index.back() == 0)
          tensor.set(index, value);
    });
  }

  void addLengths() {
    auto add = [&](bool present, auto value) -> const Tensor * {
      if (!present)
        return nullptr;
      Tensor &tensor = input(ElementType::I32, {call.batch});
      forEachIndex(tensor.shape(), [&](const Index &index) { tensor.set(index, value()); });
      return &tensor;
    };
    auto length = [&](int extent) {
      return random.pick({0, extent, random.between(0, extent), random.between(0, extent)});
    };
    tensors.keyLengths = add(d.keyLengths, [&] { return length(call.keys); });
    tensors.queryLengths = add(d.queryLengths, [&] { return length(call.queries); });
    add(d.queryOffsets, [&] { return random.between(-30, 200); });
    for (const Poisoned &p : poisoned) {
      poisonPast(*p.tensor, tensors.queryLengths, p.batch, p.query);
      poisonPast(*p.tensor, tensors.keyLengths, p.batch, p.key);
    }
  }

  // A float capture, and its axes over batch, query and key (its rank where it has none).
  struct Poisoned {
    Tensor *tensor;
    size_t batch, query, key;
  };
  std::vector<Poisoned> poisoned;

  void poisonPast(Tensor &tensor, const Tensor *lengths, size_t batchAxis, size_t axis) {
    size_t rank = tensor.shape().size();
    if (!lengths || tensor.aliases() || batchAxis >= rank || axis >= rank)
      return;
    forEachIndex(tensor.shape(), [&](const Index &index) {
      if (index[axis] >= int64_t(lengths->get({index[batchAxis]})))
        tensor.set(index, notANumber);
    });
  }
};

} // namespace

Tensors makeTensors(const Description &description, const Call &call) {
  return Maker(description, call).make();
}

void setPart(const Description &description, Tensors &tensors, int begin, int end) {
  std::vector<Argument> arguments = description.arguments();
  for (size_t i = 0; i < arguments.size(); i++)
    if (arguments[i].capture.isPart)
      fillPart(*tensors.inputs[i], begin, end);
}

Tensors makeMergeTensors(const Description &description, const Call &call, Tensors first,
                         Tensors second) {
  return Maker(description, call).makeMerge(std::move(first), std::move(second));
}

} // namespace heed::property
