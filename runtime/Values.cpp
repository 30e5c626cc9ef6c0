#include "runtime/Values.h"

#include "runtime/Devices.h"
#include "runtime/Status.h"

using namespace heed;

namespace {

/// Of an integer tensor of 8, 32 or 64 bits.
int64_t integerAt(const Tensor &tensor, int64_t offset) {
  bool isUnsigned = tensor.argument->type_code == kDLUInt;
  switch (tensor.elementBytes) {
  case 8:
    return reinterpret_cast<const int64_t *>(tensor.address)[offset];
  case 4:
    return reinterpret_cast<const int32_t *>(tensor.address)[offset];
  default:
    return isUnsigned ? int64_t(tensor.address[offset])
                      : int64_t(reinterpret_cast<const int8_t *>(tensor.address)[offset]);
  }
}

/// The elements of a tensor in row-major order.
class Elements {
public:
  explicit Elements(const Tensor &tensor) : tensor(tensor), left(tensor.elements) {}

  bool atEnd() const { return left == 0; }
  int64_t value() const {
    int64_t offset = 0;
    for (int axis = 0; axis < tensor.argument->rank; ++axis)
      offset += position[axis] * tensor.strides[axis];
    return integerAt(tensor, offset);
  }
  void advance() {
    --left;
    for (int axis = tensor.argument->rank - 1; axis >= 0; --axis) {
      if (++position[axis] < tensor.extents[axis])
        break;
      position[axis] = 0;
    }
  }
  /// "1, 2"
  Text place() const {
    Text text;
    for (int axis = 0; axis < tensor.argument->rank; ++axis)
      text.add(axis ? ", %lld" : "%lld", (long long)position[axis]);
    return text;
  }

private:
  const Tensor &tensor;
  int64_t left;
  int64_t position[maxRank] = {};
};

/// Every element is in [0, last].
heed_status checkRange(const heed_kernel &kernel, const Arguments &arguments, const Tensor &tensor,
                       int64_t last) {
  for (Elements element(tensor); !element.atEnd(); element.advance()) {
    int64_t value = element.value(), limit = tensor.argument->limit;
    if (value >= 0 && value <= last)
      continue;
    Text bound;
    if (limit < 0)
      bound.add(" (%s is %lld)", kernel.symbols[-limit - 1], (long long)arguments.extent(limit));
    return reject(HEED_WRONG_VALUE, kernel, *tensor.argument,
                  "element (%s) is %lld, expected 0 to %lld%s", element.place().str(),
                  (long long)value, (long long)last, bound.str());
  }
  return HEED_OK;
}

heed_status checkOrder(const heed_kernel &kernel, const Tensor &tensor) {
  int64_t previous = 0;
  for (Elements element(tensor); !element.atEnd(); element.advance()) {
    int64_t value = element.value();
    if (value < previous)
      return reject(HEED_WRONG_VALUE, kernel, *tensor.argument,
                    "element (%s) is %lld, less than the one before it (%lld): cumulative lengths "
                    "never decrease",
                    element.place().str(), (long long)value, (long long)previous);
    previous = value;
  }
  return HEED_OK;
}

bool hasRules(const Tensor &tensor) {
  uint8_t role = tensor.argument->role;
  return role == HEED_ROLE_KEY_LENGTHS || role == HEED_ROLE_QUERY_LENGTHS ||
         role == HEED_ROLE_INDEX || role == HEED_ROLE_SEGMENTS;
}

heed_status checkRules(const heed_kernel &kernel, const Arguments &arguments,
                       const Tensor &tensor) {
  int64_t limit = arguments.extent(tensor.argument->limit);
  heed_status status = checkRange(kernel, arguments, tensor,
                                  tensor.argument->role == HEED_ROLE_INDEX ? limit - 1 : limit);
  if (!status && tensor.argument->role == HEED_ROLE_SEGMENTS)
    status = checkOrder(kernel, tensor);
  return status;
}

} // namespace

heed_status heed::checkValues(const heed_kernel &kernel, const Arguments &arguments) {
  for (uint32_t i = 0; i < kernel.argument_count; ++i) {
    const Tensor &tensor = arguments.tensors[i];
    if (!hasRules(tensor))
      continue;
    heed_status status;
    if (tensor.device == kDLCPU) {
      status = checkRules(kernel, arguments, tensor);
    } else {
      HostCopy values(kernel.name, tensor);
      status = values.status() ? values.status() : checkRules(kernel, arguments, values.get());
    }
    if (status)
      return status;
  }
  return HEED_OK;
}
