#include "tests/property/Tensor.h"

#include <fmt/ranges.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace heed::property {
namespace {

struct ElementInfo {
  DLDataType dlpack;
  size_t bytes;
};

ElementInfo infoOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return {{kDLFloat, 16, 1}, 2};
  case ElementType::BF16:
    return {{kDLBfloat, 16, 1}, 2};
  case ElementType::F32:
    return {{kDLFloat, 32, 1}, 4};
  case ElementType::F64:
    return {{kDLFloat, 64, 1}, 8};
  case ElementType::I8:
    return {{kDLInt, 8, 1}, 1};
  case ElementType::I32:
    return {{kDLInt, 32, 1}, 4};
  case ElementType::I64:
    return {{kDLInt, 64, 1}, 8};
  case ElementType::U8:
    return {{kDLUInt, 8, 1}, 1};
  }
  std::abort();
}

size_t pageSize() { return size_t(sysconf(_SC_PAGESIZE)); }

/// The bits of the nearest bfloat16, ties to even.
uint16_t bfloat16(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

} // namespace

void forEachIndex(const std::vector<int64_t> &shape,
                  const std::function<void(const Index &)> &visit) {
  if (std::count(shape.begin(), shape.end(), 0))
    return;
  Index index(shape.size());
  for (;;) {
    visit(index);
    size_t axis = shape.size();
    while (axis > 0 && ++index[axis - 1] == shape[axis - 1])
      index[--axis] = 0;
    if (axis == 0)
      return;
  }
}

Tensor::Tensor(ElementType type, std::vector<int64_t> shape, const Layout &layout)
    : type(type), extents(std::move(shape)), strides(extents.size()) {
  int64_t span = 1, begin = 0; // elements; from the lowest one to (0, ..., 0)
  bool empty = std::count(extents.begin(), extents.end(), 0) > 0;
  int64_t stride = 1, last = 0;
  for (size_t i = extents.size(); i-- > 0;) {
    int axis = layout.order[i];
    if (layout.broadcast[axis])
      continue;
    strides[axis] = layout.reversed[axis] ? -stride : stride;
    if (layout.reversed[axis])
      begin += stride * (extents[axis] - 1);
    last += stride * (extents[axis] - 1);
    stride *= extents[axis] + layout.padding[axis];
  }
  span = empty ? 0 : last + 1;

  ElementInfo info = infoOf(type);
  size_t bytes = size_t(span) * info.bytes, page = pageSize(),
         used = (bytes + page - 1) / page * page;
  mapped = used + 2 * page;
  void *mapping = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    throw std::bad_alloc();
  memory = static_cast<std::byte *>(mapping);
  if (used && mprotect(memory + page, used, PROT_READ | PROT_WRITE) != 0)
    throw std::bad_alloc();
  std::memset(memory + page, 0xff, used);
  std::byte *lowest = memory + page + (layout.againstBegin ? 0 : used - bytes);
  first = empty ? lowest : lowest + begin * int64_t(info.bytes);
  tensor.data = first;
  tensor.device = {kDLCPU, 0};
  tensor.ndim = int(extents.size());
  tensor.dtype = info.dlpack;
  tensor.shape = extents.data();
  tensor.strides = strides.data();
}

Tensor::~Tensor() { munmap(memory, mapped); }

void Tensor::lock() {
  if (mprotect(memory, mapped, PROT_NONE) != 0)
    throw std::bad_alloc();
}

std::byte *Tensor::address(const Index &index) const {
  int64_t offset = std::inner_product(index.begin(), index.end(), strides.begin(), int64_t(0));
  return first + offset * int64_t(infoOf(type).bytes);
}

template <typename T> static T read(const std::byte *address) {
  T value;
  std::memcpy(&value, address, sizeof value);
  return value;
}

double Tensor::get(const Index &index) const {
  const std::byte *at = address(index);
  switch (type) {
  case ElementType::F16:
    return double(read<_Float16>(at));
  case ElementType::BF16:
    return std::bit_cast<float>(uint32_t(read<uint16_t>(at)) << 16);
  case ElementType::F32:
    return read<float>(at);
  case ElementType::F64:
    return read<double>(at);
  case ElementType::I8:
    return read<int8_t>(at);
  case ElementType::I32:
    return read<int32_t>(at);
  case ElementType::I64:
    return double(read<int64_t>(at));
  case ElementType::U8:
    return read<uint8_t>(at);
  }
  std::abort();
}

void Tensor::set(const Index &index, double value) {
  std::byte *at = address(index);
  auto write = [&](auto typed) { std::memcpy(at, &typed, sizeof typed); };
  if (std::isnan(value)) { // that of 0.0 / 0.0 is not the only one: this has every bit set
    std::memset(at, 0xff, infoOf(type).bytes);
    return;
  }
  switch (type) {
  case ElementType::F16:
    return write(_Float16(value));
  case ElementType::BF16:
    return write(bfloat16(float(value)));
  case ElementType::F32:
    return write(float(value));
  case ElementType::F64:
    return write(value);
  case ElementType::I8:
    return write(int8_t(value));
  case ElementType::I32:
    return write(int32_t(value));
  case ElementType::I64:
    return write(int64_t(value));
  case ElementType::U8:
    return write(uint8_t(value));
  }
}

Array Tensor::toArray() const {
  Array array(extents);
  forEachIndex(extents, [&](const Index &index) { array(index) = get(index); });
  return array;
}

bool Tensor::aliases() const {
  for (size_t axis = 0; axis < extents.size(); axis++)
    if (strides[axis] == 0 && extents[axis] > 1)
      return true;
  return false;
}

bool Tensor::gapsAreIntact() const {
  size_t page = pageSize(), used = mapped - 2 * page, size = infoOf(type).bytes;
  std::vector<bool> mine(used);
  forEachIndex(extents, [&](const Index &index) {
    std::fill_n(mine.begin() + (address(index) - memory - ptrdiff_t(page)), size, true);
  });
  for (size_t i = 0; i < used; i++)
    if (!mine[i] && memory[page + i] != std::byte(0xff))
      return false;
  return true;
}

std::string Tensor::strideText() const { return fmt::format("({})", fmt::join(strides, ", ")); }

} // namespace heed::property
