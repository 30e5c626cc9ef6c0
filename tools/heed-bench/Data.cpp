#include "tools/heed-bench/Data.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/STLExtras.h"

#include <cstdlib>
#include <limits>
#include <map>
#include <new>
#include <numeric>
#include <random>

namespace heed::bench {

llvm::StringRef layoutName(Layout layout) { return layout == Layout::Bhsd ? "bhsd" : "bshd"; }

void Tensor::Free::operator()(std::byte *memory) const { std::free(memory); }

Tensor::Tensor(DLDataType type, std::vector<int64_t> shape, llvm::ArrayRef<unsigned> order)
    : type(type), extents(std::move(shape)), strides(extents.size()) {
  int64_t stride = 1;
  for (unsigned axis : llvm::reverse(order)) {
    strides[axis] = stride;
    stride *= extents[axis];
  }
  constexpr size_t alignment = 64;
  size_t size = (bytes() + alignment - 1) / alignment * alignment;
  memory.reset(static_cast<std::byte *>(std::aligned_alloc(alignment, size)));
  if (!memory)
    throw std::bad_alloc();
  std::fill_n(memory.get(), size, std::byte(0));
}

size_t Tensor::count() const {
  return std::accumulate(extents.begin(), extents.end(), size_t(1), std::multiplies<>());
}

DLTensor Tensor::view() {
  return {.data = memory.get(),
          .device = {kDLCPU, 0},
          .ndim = static_cast<int32_t>(extents.size()),
          .dtype = type,
          .shape = extents.data(),
          .strides = strides.data(),
          .byte_offset = 0};
}

template <typename Visit> void Tensor::forEach(Visit visit) const {
  std::vector<int64_t> index(extents.size());
  int64_t place = 0;
  for (size_t i = 0; i < count(); ++i) {
    visit(i, place);
    for (size_t axis = extents.size(); axis-- > 0;) { // the next index
      place += strides[axis];
      if (++index[axis] < extents[axis])
        break;
      place -= extents[axis] * strides[axis];
      index[axis] = 0;
    }
  }
}

Array Tensor::toArray() const {
  Array values(extents);
  auto *floats = reinterpret_cast<const float *>(memory.get());
  auto *integers = reinterpret_cast<const int32_t *>(memory.get());
  forEach([&](size_t i, int64_t place) {
    values.values[i] = type.code == kDLFloat ? double(floats[place]) : double(integers[place]);
  });
  return values;
}

void Tensor::assign(const Array &values) {
  auto *floats = reinterpret_cast<float *>(memory.get());
  auto *integers = reinterpret_cast<int32_t *>(memory.get());
  forEach([&](size_t i, int64_t place) {
    if (type.code == kDLFloat)
      floats[place] = static_cast<float>(values.values[i]);
    else
      integers[place] = static_cast<int32_t>(values.values[i]);
  });
}

namespace {

/// The lengths of a padded batch, as parts of 128: those of /minilm128/.
double lengthOf(int64_t entry, int64_t keys) {
  constexpr int64_t parts[] = {128, 100, 77, 128, 64, 51, 90, 33};
  return (keys * parts[entry % std::size(parts)] + 127) / 128;
}

/// Extents of a case by the names that signatures give them.
class Extents {
public:
  Extents(const Case &c, const Signature &signature)
      : symbols(signature.symbols), known{{"batch", c.batch},
                                          {"heads", c.heads},
                                          {"key_heads", c.keyHeads},
                                          {"queries", c.queries},
                                          {"keys", c.keys}} {}

  llvm::Expected<std::vector<int64_t>> of(const SignatureArgument &argument) const {
    std::vector<int64_t> shape;
    for (Extent extent : argument.shape) {
      auto named = extent >= 0 ? known.end() : known.find(nameOf(extent));
      if (extent < 0 && named == known.end())
        return ourBug("no case says what '" + nameOf(extent) + "' of argument " + argument.name +
                      " is");
      shape.push_back(extent >= 0 ? extent : named->second);
    }
    return shape;
  }

  /// Whether the argument is (batch, sequence, head, dim).
  bool hasSequence(const SignatureArgument &argument) const {
    return argument.shape.size() == 4 && argument.shape[1] < 0 &&
           (nameOf(argument.shape[1]) == "queries" || nameOf(argument.shape[1]) == "keys");
  }

private:
  const std::string &nameOf(Extent symbol) const { return symbols[-symbol - 1]; }

  std::vector<std::string> symbols;
  std::map<std::string, int64_t> known;
};

Array makeValues(const Case &c, const SignatureArgument &argument, std::vector<int64_t> shape,
                 bool hasSequence, double deviation, std::mt19937 &random) {
  Array values(std::move(shape), std::numeric_limits<double>::quiet_NaN());
  std::normal_distribution<float> normal(0, static_cast<float>(deviation));
  std::uniform_real_distribution<float> uniform(0, 1);
  if (argument.role == Role::KeyLengths)
    for (auto [entry, value] : llvm::enumerate(values.values))
      value = lengthOf(entry, c.keys);
  else if (argument.role == Role::Input)
    for (double &value : values.values)
      value = hasSequence ? normal(random) : uniform(random);
  return values;
}

} // namespace

llvm::Expected<std::vector<Tensor>> makeTensors(const Case &c, const Signature &signature,
                                                Layout layout) {
  Extents extents(c, signature);
  std::mt19937 random(7);
  std::vector<Tensor> tensors;
  for (auto [i, argument] : llvm::enumerate(signature.arguments)) {
    llvm::Expected<std::vector<int64_t>> shape = extents.of(argument);
    if (!shape)
      return shape.takeError();
    auto order = llvm::to_vector(llvm::seq<unsigned>(0, shape->size()));
    bool hasSequence = extents.hasSequence(argument);
    if (hasSequence && layout == Layout::Bhsd)
      std::swap(order[1], order[2]);
    bool isFloat = argument.type == ElementType::F32;
    Tensor &tensor = tensors.emplace_back(DLDataType{uint8_t(isFloat ? kDLFloat : kDLInt), 32, 1},
                                          *shape, order);
    double deviation = i == 0 ? c.queryDeviation : 1;
    tensor.assign(makeValues(c, argument, std::move(*shape), hasSequence, deviation, random));
  }
  return tensors;
}

} // namespace heed::bench
