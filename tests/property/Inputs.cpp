#include "tests/property/Inputs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace heed::property {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

class Maker {
public:
  Maker(const Description &description, const Call &call)
      : d(description), call(call), random(call.seed) {}

  Tensors make() {
    double queryScale = call.data == Data::Large  ? 300
                        : call.data == Data::Huge ? std::pow(10, random.real(4, 12))
                                                  : 1;
    Tensor &query = input(ElementType::F32, {call.batch, call.queries, call.heads(), d.dim});
    Tensor &key = input(ElementType::F32, {call.batch, call.keys, call.keyHeads, d.dim});
    Tensor &value = input(ElementType::F32, {call.batch, call.keys, call.keyHeads, d.valueDim});
    fill(query, queryScale), fill(key, 1), fill(value, 1);
    for (const Capture &capture : d.captures())
      fillCapture(input(capture.element, shapeOf(capture)), capture);
    addLengths();
    if (call.data == Data::BadQuery)
      spoilRows(query);
    if (call.data == Data::BadKey)
      spoilRows(key);
    if (call.data == Data::BadValue)
      spoilRows(value);
    // (batch, sequence, ...)
    poisonPast(query, tensors.queryLengths, 0, 1);
    poisonPast(key, tensors.keyLengths, 0, 1);
    poisonPast(value, tensors.keyLengths, 0, 1);
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

  void addOutputs() {
    std::vector<std::vector<int64_t>> shapes = {
        {call.batch, call.queries, call.heads(), d.valueDim},
        {call.batch, call.heads(), call.queries},
        {call.batch, call.heads(), call.queries, call.keys}};
    shapes.resize(size_t(d.results) + 1);
    for (const auto &shape : shapes)
      tensors.outputs.push_back(
          std::make_unique<Tensor>(ElementType::F32, shape, layout(shape, true)));
  }

  std::vector<int64_t> shapeOf(const Capture &capture) const {
    std::vector<int64_t> shape;
    for (const Axis &axis : capture.axes)
      shape.push_back(axis.over == Over::Batch   ? call.batch
                      : axis.over == Over::Head  ? call.heads()
                      : axis.over == Over::Query ? call.queries
                      : axis.over == Over::Key   ? call.keys
                                                 : axis.extent);
    return shape;
  }

  void fill(Tensor &tensor, double deviation) {
    forEachIndex(tensor.shape(),
                 [&](const Index &index) { tensor.set(index, random.normal() * deviation); });
  }

  void fillCapture(Tensor &tensor, const Capture &capture) {
    if (capture.element != ElementType::F32)
      return forEachIndex(tensor.shape(), [&](const Index &index) {
        tensor.set(index, random.between(0, int(capture.limit) - 1));
      });
    fill(tensor, capture.limit);
    if (call.data == Data::BadCapture)
      forEachIndex(tensor.shape(), [&](const Index &index) {
        if (random.oneIn(40))
          tensor.set(index, bad());
      });
    auto axisOf = [&](Over over) {
      return std::find_if(capture.axes.begin(), capture.axes.end(),
                          [&](Axis a) { return a.over == over; }) -
             capture.axes.begin();
    };
    poisoned.push_back({&tensor, size_t(axisOf(Over::Batch)), size_t(axisOf(Over::Query)),
                        size_t(axisOf(Over::Key))});
  }

  double bad() { return random.pick({notANumber, notANumber, infinity, -infinity}); }

  // Some elements of one row in eight.
  void spoilRows(Tensor &tensor) {
    std::vector<int64_t> rows = tensor.shape();
    int64_t columns = rows.back();
    rows.back() = 1;
    forEachIndex(rows, [&](Index index) {
      if (!random.oneIn(8))
        return;
      double value = bad();
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

} // namespace heed::property
