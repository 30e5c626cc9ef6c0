#include "runtime/Devices.h"

#include "runtime/HalideHooks.h"
#include "runtime/Status.h"
#include "runtime/Workspace.h"

#include <heed/device.h>

#include <HalideRuntimeCuda.h>
#include <HalideRuntimeOpenCL.h>

#include <cstdio>
#include <cstring>
#include <initializer_list>

// What a library with kernels for the device brings; NULL where none is linked.
extern "C" {
#pragma weak halide_opencl_device_interface
#pragma weak halide_opencl_wrap_cl_mem
#pragma weak halide_opencl_detach_cl_mem
#pragma weak halide_opencl_get_cl_mem
#pragma weak halide_cuda_device_interface
#pragma weak halide_cuda_wrap_device_ptr
#pragma weak halide_cuda_detach_device_ptr
#pragma weak halide_cuda_get_device_ptr
#pragma weak halide_set_error_handler
#pragma weak halide_set_custom_do_par_for
#pragma weak halide_set_custom_malloc
#pragma weak halide_set_custom_free
#pragma weak halide_device_malloc
#pragma weak halide_device_free
#pragma weak halide_device_sync
#pragma weak halide_copy_to_device
#pragma weak halide_device_crop
#pragma weak halide_device_release_crop
#pragma weak halide_copy_to_host
}

using namespace heed;

namespace {

const DeviceApi devices[] = {
    {kDLCUDA, "CUDA", halide_cuda_device_interface, halide_cuda_wrap_device_ptr,
     halide_cuda_detach_device_ptr, halide_cuda_get_device_ptr},
    {kDLOpenCL, "OpenCL", halide_opencl_device_interface, halide_opencl_wrap_cl_mem,
     halide_opencl_detach_cl_mem, halide_opencl_get_cl_mem},
};

/// What the driver interface said on this thread.
constinit thread_local char complaint[512] = "";

// Halide's own handler would abort.
void record(void *, const char *message) {
  size_t length = strlen(complaint);
  snprintf(complaint + length, sizeof complaint - length, "%s%s", length ? "; " : "", message);
  for (char *end = complaint + strlen(complaint); end > complaint && end[-1] == '\n';)
    *--end = '\0';
}

bool complainsOf(std::initializer_list<const char *> words) {
  for (const char *word : words)
    if (strstr(complaint, word))
      return true;
  return false;
}

/// A compact or strided tensor of DLPack as Halide's buffer.
struct PlainBuffer {
  halide_buffer_t header{};
  halide_dimension_t dimensions[maxRank];

  explicit PlainBuffer(const DLTensor &tensor) {
    header.type.code = static_cast<halide_type_code_t>(tensor.dtype.code);
    header.type.bits = tensor.dtype.bits;
    header.type.lanes = 1;
    header.dimensions = tensor.ndim;
    header.dim = dimensions;
    int64_t compact = 1;
    for (int axis = tensor.ndim - 1, i = 0; axis >= 0; --axis, ++i) {
      int64_t stride = tensor.strides ? tensor.strides[axis] : compact;
      dimensions[i] = {0, int32_t(tensor.shape[axis]), int32_t(stride), 0};
      compact *= tensor.shape[axis];
    }
  }
};

heed_status check(const char *who, const DLTensor *tensor) {
  if (!tensor || (!tensor->shape && tensor->ndim))
    return fail(HEED_NULL_ARGUMENT, "%s: the tensor or its shape is NULL", who);
  if (tensor->ndim < 0 || tensor->ndim > int(maxRank))
    return fail(HEED_WRONG_RANK, "%s: rank is %d, at most %u is supported", who, tensor->ndim,
                maxRank);
  if (tensor->byte_offset)
    return fail(HEED_WRONG_STRIDE, "%s: byte_offset is %llu, expected 0 on a device", who,
                (unsigned long long)tensor->byte_offset);
  int64_t elements = 1;
  for (int axis = 0; axis < tensor->ndim; ++axis) {
    int64_t extent = tensor->shape[axis];
    if (extent < 0)
      return fail(HEED_WRONG_SHAPE, "%s: extent %d is %lld, which is negative", who, axis,
                  (long long)extent);
    if (extent > INT32_MAX || (elements *= extent) > INT32_MAX)
      return fail(HEED_TOO_LARGE, "%s: more than 2^31 - 1 elements", who);
  }
  return HEED_OK;
}

int64_t elementsOf(const DLTensor &tensor) {
  int64_t elements = 1;
  for (int axis = 0; axis < tensor.ndim; ++axis)
    elements *= tensor.shape[axis];
  return elements;
}

heed_status findFor(const char *who, const DLDevice &device, const DeviceApi *&api) {
  unsigned type;
  memcpy(&type, &device.device_type, sizeof type);
  const char *name = deviceName(type);
  if (!name)
    return fail(HEED_WRONG_DEVICE, "%s: Heed has no kernels for devices of DLPack type %u", who,
                type);
  if (device.device_id != 0)
    return fail(HEED_WRONG_DEVICE,
                "%s: device_id is %d, expected 0: the driver's environment variables "
                "choose the device (docs/devices.md)",
                who, int(device.device_id));
  api = findDevice(type);
  if (!api)
    return fail(HEED_NO_DEVICE,
                "%s: no kernel in this program is for %s: compile one with "
                "heedc --target",
                who, name);
  return HEED_OK;
}

bool haveSameStrides(const PlainBuffer &a, const PlainBuffer &b) {
  for (int i = 0; i < a.header.dimensions; ++i)
    if (a.dimensions[i].extent > 1 && a.dimensions[i].stride != b.dimensions[i].stride)
      return false;
  return true;
}

} // namespace

const DeviceApi *heed::findDevice(uint32_t type) {
  for (const DeviceApi &device : devices)
    if (device.type == type)
      return device.interface ? &device : nullptr;
  return nullptr;
}

const char *heed::deviceName(uint32_t type) {
  for (const DeviceApi &device : devices)
    if (device.type == type)
      return device.name;
  return nullptr;
}

void heed::watchDevice() {
  complaint[0] = '\0';
  if (halide_set_error_handler)
    halide_set_error_handler(record);
}

heed_status heed::deviceFailure(int error, const char *who) {
  if (!error && !*complaint)
    return HEED_OK;
  // Halide's codes do not tell a driver that is missing from memory that is.
  if (complainsOf({"API not found", "NO_DEVICE", "Failed to load OpenCL", "clGetPlatformIDs",
                   "clGetDeviceIDs", "Failed to get platform", "Failed to get device"}))
    return fail(HEED_NO_DEVICE, "%s: there is no device or no driver for it: %s", who, complaint);
  if (complainsOf({"MISALIGNED_SUB_BUFFER_OFFSET"}))
    return fail(HEED_WRONG_ALIGNMENT,
                "%s: a tensor begins where this device lets none begin: byte_offset has to be a "
                "multiple of its CL_DEVICE_MEM_BASE_ADDR_ALIGN bits",
                who);
  bool isOut = error == halide_error_code_out_of_memory ||
               error == halide_error_code_device_malloc_failed ||
               complainsOf({"MEM_OBJECT_ALLOCATION_FAILURE", "OUT_OF_RESOURCES",
                            "OUT_OF_HOST_MEMORY", "OUT_OF_MEMORY"});
  return fail(isOut ? HEED_OUT_OF_MEMORY : HEED_INTERNAL, "%s: the device reports error %d: %s",
              who, error, complaint);
}

void heed::adoptHalideRuntime() {
  if (!halide_set_custom_do_par_for)
    return;
  // The hooks of HalideHooks.cpp are weak, so Halide's own definitions may be linked in their
  // place.
  halide_set_custom_do_par_for(runHalideLoop);
  halide_set_custom_malloc(halideAllocate);
  halide_set_custom_free(halideFree);
}

/// Elements before the tensor's first in the memory that its handle is of.
static int32_t elementsBefore(const Tensor &tensor) {
  return tensor.elements ? int32_t(int64_t(uintptr_t(tensor.address)) / tensor.elementBytes) : 0;
}

// What begins in the middle of a device's memory is for Halide a part of a buffer.
int heed::wrapTensor(const Tensor &tensor, halide_buffer_t &buffer) {
  const DeviceApi *api = findDevice(tensor.device);
  int32_t before = elementsBefore(tensor);
  if (!before)
    return api->wrap(nullptr, &buffer, tensor.handle);
  halide_dimension_t all = {0, 1, 1, 0}, rest = {before, 1, 1, 0};
  halide_buffer_t memory{}, part{};
  memory.type = part.type = {halide_type_uint, uint8_t(8 * tensor.elementBytes), 1};
  memory.dimensions = part.dimensions = 1;
  memory.dim = &all, part.dim = &rest;
  int error = api->wrap(nullptr, &memory, tensor.handle);
  if (!error) {
    error = halide_device_crop(nullptr, &memory, &part);
    api->unwrap(nullptr, &memory);
  }
  buffer.device = part.device, buffer.device_interface = part.device_interface;
  return error;
}

void heed::unwrapTensor(const Tensor &tensor, halide_buffer_t &buffer) {
  if (!buffer.device)
    return;
  if (elementsBefore(tensor))
    halide_device_release_crop(nullptr, &buffer);
  else
    findDevice(tensor.device)->unwrap(nullptr, &buffer);
}

/// The bytes from the lowest element, which on a device is the first, to the end of the highest.
HostCopy::HostCopy(const char *who, const Tensor &tensor) : copy(tensor) {
  copy.address = nullptr;
  if (!tensor.elements)
    return;
  size_t bytes = tensor.high - tensor.low;
  copy.address = static_cast<uint8_t *>(allocateWorkspace(bytes));
  if (!copy.address) {
    failure = fail(HEED_OUT_OF_MEMORY, "%s: no memory to look at '%s'", who, tensor.argument->name);
    return;
  }
  halide_dimension_t dimension = {0, int32_t(bytes), 1, 0};
  halide_buffer_t buffer{};
  buffer.type = {halide_type_uint, 8, 1};
  buffer.dimensions = 1, buffer.dim = &dimension, buffer.host = copy.address;
  watchDevice();
  int error = wrapTensor(tensor, buffer);
  if (!error) {
    buffer.set_device_dirty(true);
    error = halide_copy_to_host(nullptr, &buffer);
    unwrapTensor(tensor, buffer);
  }
  failure = deviceFailure(error, who);
}

HostCopy::~HostCopy() { freeWorkspace(copy.address); }

heed_status heed_device_allocate(DLTensor *tensor) {
  const char *who = "heed_device_allocate";
  const DeviceApi *api;
  if (heed_status status = check(who, tensor))
    return status;
  if (heed_status status = findFor(who, tensor->device, api))
    return status;
  DLTensor compact = *tensor;
  compact.strides = nullptr;
  PlainBuffer buffer(compact);
  for (int i = 0; i < buffer.header.dimensions; ++i) // a device has no memory of no size
    if (!buffer.dimensions[i].extent)
      buffer.dimensions[i].extent = 1;
  watchDevice();
  int error = halide_device_malloc(nullptr, &buffer.header, api->interface());
  if (heed_status status = deviceFailure(error, who))
    return status;
  tensor->data = reinterpret_cast<void *>(api->handleOf(nullptr, &buffer.header));
  api->unwrap(nullptr, &buffer.header);
  return HEED_OK;
}

heed_status heed_device_free(DLTensor *tensor) {
  const char *who = "heed_device_free";
  const DeviceApi *api;
  if (heed_status status = check(who, tensor))
    return status;
  if (!tensor->data)
    return HEED_OK;
  if (heed_status status = findFor(who, tensor->device, api))
    return status;
  PlainBuffer buffer(*tensor);
  watchDevice();
  int error = api->wrap(nullptr, &buffer.header, reinterpret_cast<uintptr_t>(tensor->data));
  if (!error)
    error = halide_device_free(nullptr, &buffer.header);
  tensor->data = nullptr;
  return deviceFailure(error, who);
}

heed_status heed_device_copy(const DLTensor *from, DLTensor *to) {
  const char *who = "heed_device_copy";
  for (const DLTensor *tensor : {from, static_cast<const DLTensor *>(to)})
    if (heed_status status = check(who, tensor))
      return status;
  bool toDevice = from->device.device_type == kDLCPU;
  if (toDevice == (to->device.device_type == kDLCPU))
    return fail(HEED_WRONG_DEVICE, "%s: one tensor has to be in CPU memory, the other on a device",
                who);
  const DLTensor &onDevice = toDevice ? *to : *from, &onHost = toDevice ? *from : *to;
  const DeviceApi *api;
  if (heed_status status = findFor(who, onDevice.device, api))
    return status;
  PlainBuffer buffer(onHost), other(onDevice);
  bool isSameType = from->dtype.code == to->dtype.code && from->dtype.bits == to->dtype.bits &&
                    from->dtype.lanes == to->dtype.lanes;
  if (!isSameType)
    return fail(HEED_WRONG_TYPE, "%s: the tensors' types differ", who);
  bool isSameShape = from->ndim == to->ndim;
  for (int axis = 0; isSameShape && axis < from->ndim; ++axis)
    isSameShape = from->shape[axis] == to->shape[axis];
  if (!isSameShape)
    return fail(HEED_WRONG_SHAPE, "%s: the tensors' shapes differ", who);
  if (!haveSameStrides(buffer, other))
    return fail(HEED_WRONG_STRIDE, "%s: the tensors' strides differ", who);
  if (!elementsOf(*from))
    return HEED_OK;
  if (!from->data || !to->data)
    return fail(HEED_NULL_ARGUMENT, "%s: data is NULL", who);
  buffer.header.host = static_cast<uint8_t *>(onHost.data);
  watchDevice();
  int error = api->wrap(nullptr, &buffer.header, reinterpret_cast<uintptr_t>(onDevice.data));
  if (!error) {
    buffer.header.set_host_dirty(toDevice);
    buffer.header.set_device_dirty(!toDevice);
    error = toDevice ? halide_copy_to_device(nullptr, &buffer.header, api->interface())
                     : halide_copy_to_host(nullptr, &buffer.header);
    if (!error)
      error = halide_device_sync(nullptr, &buffer.header);
    api->unwrap(nullptr, &buffer.header);
  }
  return deviceFailure(error, who);
}
