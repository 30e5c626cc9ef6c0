#include "tools/measure/Data.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace heed::measure {

llvm::StringRef layoutName(Layout layout) { return layout == Layout::Bhsd ? "bhsd" : "bshd"; }

namespace {

bool isFloat(ElementType type) {
  return type == ElementType::F16 || type == ElementType::BF16 || type == ElementType::F32 ||
         type == ElementType::F64;
}

/// The lengths of a padded batch, as parts of 128: those that the comparison with others uses.
double keyLengthOf(int64_t entry, int64_t keys) {
  constexpr int64_t parts[] = {128, 100, 77, 128, 64, 51, 90, 33};
  return (keys * parts[entry % std::size(parts)] + 127) / 128;
}

/// Elements of the arguments, one argument after the other.
class Values {
public:
  explicit Values(const Shapes &shapes) : shapes(shapes) {}

  Array of(const SignatureArgument &argument, double deviation) {
    Array values(shapes(argument), std::numeric_limits<double>::quiet_NaN());
    if (argument.role == Role::Output)
      return values;
    for (auto [i, value] : llvm::enumerate(values.values))
      value = argument.role == Role::Input
                  ? number(argument, deviation)
                  : whole(argument.role, i, values.values.size(), shapes(argument.limit));
    return values;
  }

private:
  double number(const SignatureArgument &argument, double deviation) {
    if (argument.type == ElementType::U8)
      return random() % 2;
    if (argument.type == ElementType::I8)
      return double(random() % 255) - 127;
    if (!isFloat(argument.type))
      return random() % 8;
    size_t rank = argument.shape.size();
    if (rank < 2)
      return uniform(random);
    bool isMatrix = rank < 4 && argument.shape[rank - 2] >= 0;
    return normal(random) * (isMatrix ? 1 / std::sqrt(argument.shape[rank - 2]) : deviation);
  }

  /// The `i`-th of `count`, at most `limit`.
  double whole(Role role, int64_t i, int64_t count, int64_t limit) {
    switch (role) {
    case Role::KeyLengths:
      return keyLengthOf(i, limit);
    case Role::QueryLengths:
      return limit;
    case Role::QueryOffsets:
      return std::max<int64_t>(0, shapes.named("keys", 0) - shapes.named("queries", 0));
    case Role::Segments:
      return i * limit / count;
    default:
      return limit == 0 ? 0 : random() % limit;
    }
  }

  const Shapes &shapes;
  std::mt19937 random{7};
  std::normal_distribution<float> normal{0, 1};
  std::uniform_real_distribution<float> uniform{0, 1};
};

/// Axes from the slowest in memory on. Only tensors of (something, something, head, dim) know two
/// layouts.
std::vector<unsigned> orderOf(const SignatureArgument &argument, Layout layout) {
  std::vector<unsigned> order(argument.shape.size());
  std::iota(order.begin(), order.end(), 0);
  if (layout == Layout::Bhsd && order.size() == 4 && argument.shape.back() >= 0)
    std::swap(order[1], order[2]);
  return order;
}

} // namespace

Data Data::make(const Signature &signature, const Shapes &shapes, Layout layout, double deviation) {
  Data data;
  Values values(shapes);
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    Tensor &tensor =
        data.all.emplace_back(argument.type, shapes(argument), orderOf(argument, layout));
    tensor.assign(values.of(argument, i == 0 ? deviation : 1));
    data.firstOutput += argument.role != Role::Output;
  }
  for (Tensor &tensor : data.all)
    data.views.push_back(tensor.view());
  for (const DLTensor &view : data.views)
    data.pointers.push_back(&view);
  return data;
}

static std::vector<Array> arraysOf(llvm::ArrayRef<Tensor> tensors) {
  std::vector<Array> arrays;
  for (const Tensor &tensor : tensors)
    arrays.push_back(tensor.toArray());
  return arrays;
}

std::vector<Array> Data::inputs() const { return arraysOf(inputTensors()); }

std::vector<Array> Data::outputs() const {
  return arraysOf(llvm::ArrayRef(all).drop_front(firstOutput));
}

double Data::bytes() const {
  return std::accumulate(all.begin(), all.end(), 0.0, [](double sum, const Tensor &tensor) {
    return sum + double(tensor.bytes());
  });
}

} // namespace heed::measure
