#include "compiler/reference/Tensors.h"

using namespace mlir;
using namespace heed;

Tensors::Tensors(attn::KernelOp kernel, ArrayRef<Array> inputs) {
  for (auto [argument, input] : llvm::zip(kernel.getBody().getArguments(), inputs))
    set(argument, input);
}

void Tensors::set(Value tensor, Array array) {
  arrays[tensor] = std::make_shared<const Array>(std::move(array));
}

static Number numberOf(double value, Type element) {
  if (isa<FloatType>(element))
    return value;
  return element.isInteger(1) ? Number(value != 0) : Number(static_cast<int64_t>(value));
}

static SmallVector<int64_t> integers(ArrayRef<Number> numbers) {
  return llvm::map_to_vector(numbers, [](const Number &number) { return number.asInteger(); });
}

/// The elements of `array` in the box from `first` to `last`, both inclusive.
static std::vector<double> box(const Array &array, ArrayRef<int64_t> first,
                               ArrayRef<int64_t> last) {
  std::vector<double> elements;
  SmallVector<int64_t> index(first);
  for (bool more = true; more;) {
    elements.push_back(array(index));
    more = false;
    for (size_t axis = index.size(); axis-- > 0 && !more;) {
      more = index[axis] < last[axis];
      index[axis] = more ? index[axis] + 1 : first[axis];
    }
  }
  return elements;
}

/// AttnOps.td, segment_begin and segment_end.
static int64_t segmentBegin(const Array &starts, int64_t position) {
  auto after = llvm::upper_bound(starts.values, double(position));
  return after == starts.values.begin() ? 0 : static_cast<int64_t>(*std::prev(after));
}
static int64_t segmentEnd(const Array &starts, int64_t position) {
  auto after = llvm::upper_bound(starts.values, double(position));
  return after == starts.values.end() ? int64_t(1) << 30 : static_cast<int64_t>(*after);
}

Context<Number> heed::captureContext(ValueRange captures, const Tensors &tensors) {
  SmallVector<Value> values(captures);
  auto array = [values, &tensors](unsigned capture) -> const Array & {
    return tensors[values[capture]];
  };
  auto number = [values](unsigned capture, double value) {
    return numberOf(value, cast<RankedTensorType>(values[capture].getType()).getElementType());
  };
  Context<Number> context;
  context.load = [=](unsigned capture, ArrayRef<Number> indices) {
    bool isEmpty = array(capture).values.empty(); // then a clamped index finds nothing
    return number(capture, isEmpty ? 0 : array(capture)(integers(indices)));
  };
  context.extent = [=](unsigned capture, unsigned axis) {
    return Number(array(capture).shape[axis]);
  };
  context.loadMin = [=](unsigned capture, ArrayRef<Number> first, ArrayRef<Number> last) {
    auto elements = box(array(capture), integers(first), integers(last));
    return number(capture, *llvm::min_element(elements));
  };
  context.loadMax = [=](unsigned capture, ArrayRef<Number> first, ArrayRef<Number> last) {
    auto elements = box(array(capture), integers(first), integers(last));
    return number(capture, *llvm::max_element(elements));
  };
  context.segmentBegin = [=](unsigned capture, const Number &position) {
    return Number(segmentBegin(array(capture), position.asInteger()));
  };
  context.segmentEnd = [=](unsigned capture, const Number &position) {
    return Number(segmentEnd(array(capture), position.asInteger()));
  };
  return context;
}
