#include "tools/measure/Tensor.h"

#include "llvm/ADT/STLExtras.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <new>
#include <numeric>

namespace heed::measure {
namespace {

/// The upper half of a float32.
struct Bfloat16 {
  uint16_t bits;

  Bfloat16(float value) {
    uint32_t whole = std::bit_cast<uint32_t>(value);
    bool isNan = std::isnan(value); // rounding could carry out of its mantissa
    bits = isNan ? 0x7fff : uint16_t((whole + 0x7fff + (whole >> 16 & 1)) >> 16);
  }
  operator float() const { return std::bit_cast<float>(uint32_t(bits) << 16); }
};

/// Calls `visit` with a null pointer to the C++ type of `type`'s elements.
template <typename Visit> auto withElement(ElementType type, Visit visit) {
  switch (type) {
  case ElementType::F16:
    return visit(static_cast<_Float16 *>(nullptr));
  case ElementType::BF16:
    return visit(static_cast<Bfloat16 *>(nullptr));
  case ElementType::F32:
    return visit(static_cast<float *>(nullptr));
  case ElementType::F64:
    return visit(static_cast<double *>(nullptr));
  case ElementType::I8:
    return visit(static_cast<int8_t *>(nullptr));
  case ElementType::I32:
    return visit(static_cast<int32_t *>(nullptr));
  case ElementType::I64:
    return visit(static_cast<int64_t *>(nullptr));
  case ElementType::U8:
    return visit(static_cast<uint8_t *>(nullptr));
  }
  std::abort();
}

size_t bytesOf(ElementType type) {
  return withElement(type, [](auto *element) { return sizeof *element; });
}

uint8_t codeOf(ElementType type) {
  switch (type) {
  case ElementType::BF16:
    return kDLBfloat;
  case ElementType::F16:
  case ElementType::F32:
  case ElementType::F64:
    return kDLFloat;
  case ElementType::U8:
    return kDLUInt;
  default:
    return kDLInt;
  }
}

} // namespace

void Tensor::Free::operator()(std::byte *memory) const { std::free(memory); }

Tensor::Tensor(ElementType type, std::vector<int64_t> shape, llvm::ArrayRef<unsigned> order)
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

size_t Tensor::bytes() const { return count() * bytesOf(type); }

DLTensor Tensor::view() {
  return {.data = memory.get(),
          .device = {kDLCPU, 0},
          .ndim = static_cast<int32_t>(extents.size()),
          .dtype = {codeOf(type), uint8_t(8 * bytesOf(type)), 1},
          .shape = extents.data(),
          .strides = strides.data(),
          .byte_offset = 0};
}

template <typename Visit> void Tensor::forEach(Visit visit) const {
  std::vector<int64_t> index(extents.size());
  int64_t place = 0;
  for (size_t i = 0, all = count(); i < all; ++i) {
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
  withElement(type, [&]<typename T>(T *) {
    auto *elements = reinterpret_cast<const T *>(memory.get());
    forEach([&](size_t i, int64_t place) { values.values[i] = double(elements[place]); });
  });
  return values;
}

void Tensor::assign(const Array &values) {
  withElement(type, [&]<typename T>(T *) {
    auto *elements = reinterpret_cast<T *>(memory.get());
    forEach([&](size_t i, int64_t place) { elements[place] = static_cast<T>(values.values[i]); });
  });
}

} // namespace heed::measure
