#include "runtime/Checks.h"

#include "runtime/Overlap.h"
#include "runtime/Status.h"
#include "runtime/Values.h"

#include <cstdlib>
#include <cstring>
#include <iterator>

using namespace heed;

namespace {

/// Halide's index arithmetic is 32 bits wide.
constexpr int64_t largest = INT32_MAX;

/// kDLBool of DLPack 0.7 and later.
constexpr uint8_t boolCode = 6;

Text placeName(unsigned type) {
  constexpr const char *names[] = {"", "CPU",    "CUDA",  "CUDA host", "OpenCL", "",
                                   "", "Vulkan", "Metal", "VPI",       "ROCm",   "ROCm host"};
  Text text;
  text.add("DLPack type %d", int(type));
  return type < std::size(names) && *names[type] ? text.add(" (%s)", names[type]) : text;
}

Text typeName(uint8_t code, int bits, int lanes) {
  constexpr const char *names[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
  Text text;
  if (code < std::size(names))
    text.add(code == boolCode && bits == 8 ? "%s" : "%s%d", names[code], bits);
  else
    text.add("type code %d with %d bits", code, bits);
  return lanes == 1 ? text : text.add(" in %d lanes", lanes);
}

/// Checks one call; every function is one rule or a handful that belong together.
class Checker {
public:
  Checker(const heed_kernel &kernel, Arguments &result) : kernel(kernel), result(result) {}

  heed_status checkTable();
  heed_status checkTensor(uint32_t index, const DLTensor *tensor);
  heed_status checkDerived();
  heed_status checkMultiples();
  heed_status checkEmptyAxes();
  heed_status standIn(Tensor &tensor, int axis);
  heed_status checkOverlap();

private:
  heed_status checkDevice(Tensor &tensor, const DLTensor &given);
  heed_status checkType(const heed_argument &argument, const DLTensor &tensor);
  heed_status checkExtents(Tensor &tensor, const DLTensor &given);
  heed_status checkExtent(const Tensor &tensor, int axis, int64_t given);
  heed_status checkStrides(Tensor &tensor, const DLTensor &given);
  heed_status checkMemory(Tensor &tensor, const DLTensor &given);
  Text extentName(int64_t code) const;
  Text sumName(const heed_derived &derived) const;
  Text shapeName(const heed_argument &argument) const;
  Text axisName(const heed_argument &argument, int axis) const;
  const char *symbolName(int64_t code) const { return kernel.symbols[-code - 1]; }

  const heed_kernel &kernel;
  Arguments &result;
};

heed_status Checker::checkTable() {
  if (kernel.abi_version != HEED_ABI_VERSION)
    return fail(HEED_WRONG_VERSION,
                "%s was generated for ABI version %u of the runtime, this libheed has %u: compile "
                "the kernel again with the heedc that belongs to this libheed",
                kernel.name, kernel.abi_version, HEED_ABI_VERSION);
  if (kernel.argument_count > maxArguments || kernel.symbol_count > maxSymbols)
    return fail(HEED_INTERNAL,
                "%s has %u arguments and %u symbols; at most %u and %u are supported", kernel.name,
                kernel.argument_count, kernel.symbol_count, maxArguments, maxSymbols);
  for (uint32_t i = 0; i < kernel.argument_count; ++i)
    if (kernel.arguments[i].rank > maxRank)
      return reject(HEED_INTERNAL, kernel, kernel.arguments[i],
                    "rank %d in the kernel's table, at most %u is "
                    "supported",
                    kernel.arguments[i].rank, maxRank);
  for (uint32_t i = 0; i < kernel.symbol_count; ++i)
    result.boundBy[i] = nullptr;
  return HEED_OK;
}

heed_status Checker::checkTensor(uint32_t index, const DLTensor *given) {
  const heed_argument &argument = kernel.arguments[index];
  if (!given)
    return reject(HEED_NULL_ARGUMENT, kernel, argument, "the tensor is NULL, expected %s",
                  shapeName(argument).str());
  Tensor &tensor = result.tensors[index];
  tensor.argument = &argument;
  if (heed_status status = checkDevice(tensor, *given))
    return status;
  if (heed_status status = checkType(argument, *given))
    return status;
  if (heed_status status = checkExtents(tensor, *given))
    return status;
  if (heed_status status = checkStrides(tensor, *given))
    return status;
  return checkMemory(tensor, *given);
}

/// All tensors of a call are in one place, and the kernel runs there.
heed_status Checker::checkDevice(Tensor &tensor, const DLTensor &given) {
  // Not as the enum: a value that is none of it may not even be looked at.
  memcpy(&tensor.device, &given.device.device_type, sizeof tensor.device);
  const heed_argument &argument = *tensor.argument;
  if (&tensor != result.tensors && tensor.device != result.tensors[0].device)
    return reject(HEED_WRONG_DEVICE, kernel, argument,
                  "the device is %s, but '%s' is on %s: heed_device_copy moves tensors",
                  placeName(tensor.device).str(), kernel.arguments[0].name,
                  placeName(result.tensors[0].device).str());
  if (tensor.device == kDLCPU)
    return HEED_OK;
  Text places;
  places.add("CPU memory");
  for (uint32_t i = 0; i < kernel.variant_count; ++i) {
    uint32_t device = kernel.variants[i].device;
    if (device == tensor.device && given.device.device_id == 0)
      return HEED_OK;
    if (device == tensor.device)
      return reject(HEED_WRONG_DEVICE, kernel, argument, "device_id is %d, expected 0",
                    int(given.device.device_id));
    if (device != kDLCPU && (i == 0 || device != kernel.variants[i - 1].device))
      places.add(" or %s", placeName(device).str());
  }
  return reject(HEED_WRONG_DEVICE, kernel, argument, "the device is %s, expected %s",
                placeName(tensor.device).str(), places.str());
}

heed_status Checker::checkType(const heed_argument &argument, const DLTensor &given) {
  const DLDataType &type = given.dtype;
  bool isByte = argument.type_code == kDLUInt && argument.type_bits == 8;
  bool sameCode = type.code == argument.type_code || (isByte && type.code == boolCode);
  if (sameCode && type.bits == argument.type_bits && type.lanes == 1)
    return HEED_OK;
  return reject(HEED_WRONG_TYPE, kernel, argument, "elements are %s, expected %s%s",
                typeName(type.code, type.bits, type.lanes).str(),
                typeName(argument.type_code, argument.type_bits, 1).str(),
                isByte ? " or bool" : "");
}

heed_status Checker::checkExtents(Tensor &tensor, const DLTensor &given) {
  const heed_argument &argument = *tensor.argument;
  if (given.ndim != argument.rank)
    return reject(HEED_WRONG_RANK, kernel, argument, "rank is %d, expected %d: %s", given.ndim,
                  argument.rank, shapeName(argument).str());
  if (!given.shape && argument.rank)
    return reject(HEED_NULL_ARGUMENT, kernel, argument, "the shape is NULL, expected %s",
                  shapeName(argument).str());
  bool empty = false;
  for (int axis = 0; axis < argument.rank; ++axis) {
    if (heed_status status = checkExtent(tensor, axis, given.shape[axis]))
      return status;
    tensor.extents[axis] = given.shape[axis];
    empty |= given.shape[axis] == 0;
  }
  tensor.elements = !empty;
  for (int axis = 0; axis < argument.rank; ++axis)
    if ((tensor.elements *= tensor.extents[axis]) > largest)
      return reject(HEED_TOO_LARGE, kernel, argument, "more than 2^31 - 1 elements");
  return HEED_OK;
}

heed_status Checker::checkExtent(const Tensor &tensor, int axis, int64_t given) {
  const heed_argument &argument = *tensor.argument;
  int64_t code = argument.shape[axis];
  auto name = [&] { return axisName(argument, axis); };
  if (given < 0)
    return reject(HEED_WRONG_SHAPE, kernel, argument, "%s is %lld, which is negative", name().str(),
                  (long long)given);
  if (given > largest)
    return reject(HEED_TOO_LARGE, kernel, argument, "%s is %lld, which is past 2^31 - 1",
                  name().str(), (long long)given);
  if (code >= 0) {
    if (given == code)
      return HEED_OK;
    return reject(HEED_WRONG_SHAPE, kernel, argument, "%s is %lld, expected %lld: %s", name().str(),
                  (long long)given, (long long)code, shapeName(argument).str());
  }
  int64_t symbol = -code - 1;
  if (!result.boundBy[symbol]) {
    result.boundBy[symbol] = argument.name;
    result.symbols[symbol] = given;
  }
  if (given == result.symbols[symbol])
    return HEED_OK;
  return reject(HEED_WRONG_SHAPE, kernel, argument, "%s is %lld, but '%s' has %lld", name().str(),
                (long long)given, result.boundBy[symbol], (long long)result.symbols[symbol]);
}

heed_status Checker::checkStrides(Tensor &tensor, const DLTensor &given) {
  const heed_argument &argument = *tensor.argument;
  int64_t compact = 1, reach = 0;
  for (int axis = argument.rank - 1; axis >= 0; --axis) {
    int64_t extent = tensor.extents[axis], &stride = tensor.strides[axis];
    stride = 0;
    if (extent < 2 || !tensor.elements)
      continue;
    stride = given.strides ? given.strides[axis] : compact;
    compact *= extent;
    bool inRange = -largest <= stride && stride <= largest;
    if (!inRange || (reach += std::llabs(stride) * (extent - 1)) > largest)
      return reject(HEED_TOO_LARGE, kernel, argument,
                    "%s has stride %lld: the tensor spans more than 2^31 - 1 elements",
                    axisName(argument, axis).str(), (long long)stride);
    if (argument.inner_contiguous && axis == argument.rank - 1 && stride != 1)
      return reject(HEED_WRONG_STRIDE, kernel, argument,
                    "the last dimension has stride %lld, expected 1", (long long)stride);
    if (argument.role == HEED_ROLE_OUTPUT && stride == 0)
      return reject(HEED_WRONG_STRIDE, kernel, argument,
                    "%s has stride 0, which an output cannot have", axisName(argument, axis).str());
  }
  if (argument.role == HEED_ROLE_OUTPUT && !stridesNest(tensor))
    return reject(HEED_WRONG_STRIDE, kernel, argument,
                  "the strides let elements of this output share memory");
  return HEED_OK;
}

heed_status Checker::checkMemory(Tensor &tensor, const DLTensor &given) {
  const heed_argument &argument = *tensor.argument;
  tensor.elementBytes = argument.type_bits / 8;
  tensor.handle = 0;
  tensor.address = static_cast<uint8_t *>(given.data);
  if (!tensor.elements)
    return HEED_OK;
  if (!given.data)
    return reject(HEED_NULL_ARGUMENT, kernel, argument,
                  "data is NULL, but the tensor has %lld elements", (long long)tensor.elements);
  uintptr_t below = 0, above = tensor.elementBytes, address;
  for (int axis = 0; axis < argument.rank; ++axis) {
    int64_t bytes = tensor.strides[axis] * (tensor.extents[axis] - 1) * tensor.elementBytes;
    (bytes < 0 ? below : above) += std::llabs(bytes);
  }
  uintptr_t data = uintptr_t(given.data);
  if (tensor.device != kDLCPU) {
    if (below)
      return reject(HEED_WRONG_STRIDE, kernel, argument, "on a device no stride may be negative");
    if (given.byte_offset / uint64_t(tensor.elementBytes) > uint64_t(largest))
      return reject(HEED_TOO_LARGE, kernel, argument,
                    "byte_offset is %llu, which is past 2^31 - 1 elements",
                    (unsigned long long)given.byte_offset);
    tensor.handle = data;
    data = 0;
  }
  if (__builtin_add_overflow(data, given.byte_offset, &address) ||
      __builtin_sub_overflow(address, below, &tensor.low) ||
      __builtin_add_overflow(address, above, &tensor.high))
    return reject(HEED_TOO_LARGE, kernel, argument, "reaches past the end of the address space");
  if (address % tensor.elementBytes)
    return reject(HEED_WRONG_ALIGNMENT, kernel, argument,
                  "address %#llx is no multiple of %lld bytes", (unsigned long long)address,
                  (long long)tensor.elementBytes);
  tensor.address = reinterpret_cast<uint8_t *>(address);
  return HEED_OK;
}

heed_status Checker::checkDerived() {
  for (uint32_t i = 0; i < kernel.derived_count; ++i) {
    const heed_derived &derived = kernel.derived[i];
    const char *name = kernel.symbols[derived.symbol];
    int64_t sum = 0;
    for (uint32_t j = 0; j < derived.term_count; ++j) {
      int64_t product;
      if (__builtin_mul_overflow(derived.terms[j].factor, result.extent(derived.terms[j].extent),
                                 &product) ||
          product > largest || (sum += product) > largest)
        return fail(HEED_TOO_LARGE, "%s: %s is %s, which is past 2^31 - 1", kernel.name, name,
                    sumName(derived).str());
    }
    int64_t &extent = result.symbols[derived.symbol];
    const char *&boundBy = result.boundBy[derived.symbol];
    if (boundBy && extent != sum)
      return fail(HEED_WRONG_SHAPE, "%s: %s is %lld from %s, but %s makes %lld", kernel.name, name,
                  (long long)extent, boundBy, sumName(derived).str(), (long long)sum);
    extent = sum;
    if (!boundBy)
      boundBy = "another sum";
  }
  return HEED_OK;
}

heed_status Checker::checkMultiples() {
  for (uint32_t i = 0; i < kernel.multiple_count; ++i) {
    const heed_multiple &multiple = kernel.multiples[i];
    int64_t whole = result.extent(multiple.a), part = result.extent(multiple.b);
    if (part ? whole % part : whole)
      return fail(HEED_WRONG_SHAPE, "%s: %s is not a multiple of %s", kernel.name,
                  extentName(multiple.a).str(), extentName(multiple.b).str());
  }
  return HEED_OK;
}

heed_status Checker::checkEmptyAxes() {
  if (writesNothing(kernel, result))
    return HEED_OK;
  for (uint32_t i = 0; i < kernel.argument_count; ++i)
    for (int axis = 0; axis < kernel.arguments[i].rank; ++axis)
      if (kernel.arguments[i].nonempty_axes >> axis & 1 && !result.tensors[i].extents[axis])
        if (heed_status status = standIn(result.tensors[i], axis))
          return status;
  return HEED_OK;
}

/// A place clamped into an empty axis is 0, and there `tensor` gives zeros. All its strides are 0
/// but the innermost, so a row is all that the kernel can reach.
heed_status Checker::standIn(Tensor &tensor, int axis) {
  alignas(64) static uint8_t zeros[1 << 16];
  constexpr int64_t widestVector = 64;
  const heed_argument &argument = *tensor.argument;
  if (tensor.device != kDLCPU)
    return reject(HEED_WRONG_SHAPE, kernel, argument,
                  "%s is 0, which a kernel on a device cannot load from: expected at least 1",
                  axisName(argument, axis).str());
  int64_t row = tensor.extents[argument.rank - 1] * tensor.elementBytes;
  if (row + widestVector > int64_t(sizeof zeros))
    return reject(HEED_WRONG_SHAPE, kernel, argument,
                  "%s is 0, and rows of %lld bytes are too long to be loaded as zeros: expected at "
                  "least 1",
                  axisName(argument, axis).str(), (long long)row);
  tensor.address = zeros;
  return HEED_OK;
}

heed_status Checker::checkOverlap() {
  for (uint32_t i = 0; i < kernel.argument_count; ++i) {
    if (kernel.arguments[i].role != HEED_ROLE_OUTPUT)
      continue;
    for (uint32_t j = 0; j < kernel.argument_count; ++j)
      if (i != j && shareMemory(result.tensors[i], result.tensors[j]))
        return reject(HEED_OVERLAP, kernel, kernel.arguments[i], "shares memory with '%s'",
                      kernel.arguments[j].name);
  }
  return HEED_OK;
}

/// "heads (4)", or "4" where the extent is fixed.
Text Checker::extentName(int64_t code) const {
  return code < 0 ? Text().add("%s (%lld)", symbolName(code), (long long)result.extent(code))
                  : Text().add("%lld", (long long)code);
}

/// "16 * pages (3) + new (1)".
Text Checker::sumName(const heed_derived &derived) const {
  Text text;
  for (uint32_t i = 0; i < derived.term_count; ++i) {
    const heed_term &term = derived.terms[i];
    text.add(i ? " + " : "");
    if (term.factor != 1)
      text.add("%lld * ", (long long)term.factor);
    text.add("%s", extentName(term.extent).str());
  }
  return text;
}

/// "extent 2 (heads)", or "extent 3" where the extent is fixed.
Text Checker::axisName(const heed_argument &argument, int axis) const {
  Text text;
  text.add("extent %d", axis);
  int64_t code = argument.shape[axis];
  return code < 0 ? text.add(" (%s)", symbolName(code)) : text;
}

/// "float32 (batch, queries, 12, 64)".
Text Checker::shapeName(const heed_argument &argument) const {
  Text text = typeName(argument.type_code, argument.type_bits, 1);
  text.add(" (");
  for (int axis = 0; axis < argument.rank; ++axis) {
    const char *comma = axis ? ", " : "";
    if (int64_t code = argument.shape[axis]; code < 0)
      text.add("%s%s", comma, symbolName(code));
    else
      text.add("%s%lld", comma, (long long)code);
  }
  return text.add(")");
}

} // namespace

heed_status heed::checkArguments(const heed_kernel &kernel, const DLTensor *const *tensors,
                                 Arguments &result) {
  Checker checker(kernel, result);
  heed_status status = checker.checkTable();
  if (!status && !tensors && kernel.argument_count)
    status = fail(HEED_NULL_ARGUMENT, "%s: the array of tensors is NULL", kernel.name);
  for (uint32_t i = 0; i < kernel.argument_count && !status; ++i)
    status = checker.checkTensor(i, tensors[i]);
  if (!status)
    status = checker.checkDerived();
  if (!status)
    status = checker.checkMultiples();
  if (!status)
    status = checker.checkEmptyAxes();
  if (!status)
    status = checker.checkOverlap();
  if (!status)
    status = checkValues(kernel, result);
  return status;
}

bool heed::writesNothing(const heed_kernel &kernel, const Arguments &arguments) {
  for (uint32_t i = 0; i < kernel.argument_count; ++i)
    if (kernel.arguments[i].role == HEED_ROLE_OUTPUT && arguments.tensors[i].elements)
      return false;
  return true;
}
