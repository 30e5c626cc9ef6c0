// heed_call: checks, dispatch, and the stages one after the other.

#include "runtime/Checks.h"
#include "runtime/Devices.h"
#include "runtime/Dispatch.h"
#include "runtime/Guard.h"
#include "runtime/Status.h"

#include <HalideRuntime.h>

#include <cstddef>
#include <new>

using namespace heed;

namespace {

/// A tensor as generated code sees it: dimensions from the innermost on, from 0.
struct Buffer {
  halide_buffer_t header;
  halide_dimension_t dimensions[maxRank];

  explicit Buffer(const Tensor &tensor) : header{} {
    const heed_argument &argument = *tensor.argument;
    header.host = tensor.device == kDLCPU ? tensor.address : nullptr;
    header.type.code = static_cast<halide_type_code_t>(argument.type_code);
    header.type.bits = argument.type_bits;
    header.type.lanes = 1;
    header.dimensions = argument.rank;
    header.dim = dimensions;
    for (int i = 0; i < argument.rank; ++i) {
      int axis = argument.rank - 1 - i;
      dimensions[i] = {0, int32_t(tensor.extents[axis]), int32_t(tensor.strides[axis]), 0};
    }
  }

  /// As HEED_PER_ROW says: from (query, head, batch) to (any, head, query, batch).
  void spreadRows() {
    header.dimensions = 4;
    dimensions[3] = dimensions[2];
    dimensions[2] = dimensions[0];
    dimensions[0] = {0, 1, 0, 0};
  }
};

int runStage(const heed_stage &stage, const Arguments &arguments) {
  // Raw memory: clearing all of maxArguments would take longer than everything else in a call.
  alignas(Buffer) std::byte storage[maxArguments * sizeof(Buffer)];
  void *buffers[maxArguments];
  for (uint32_t i = 0; i < stage.argument_count; ++i) {
    uint8_t argument = stage.arguments[i];
    const Tensor &tensor = arguments.tensors[argument & ~HEED_PER_ROW];
    Buffer *buffer = new (storage + i * sizeof(Buffer)) Buffer(tensor);
    if (argument & HEED_PER_ROW)
      buffer->spreadRows();
    buffers[i] = buffer;
  }
  return guarded([&] { return stage.call(buffers); });
}

/// The same on a device, of whose memory the buffers are handles.
int runOnDevice(const heed_stage &stage, const Arguments &arguments) {
  alignas(Buffer) std::byte storage[maxArguments * sizeof(Buffer)];
  void *buffers[maxArguments];
  int error = 0;
  uint32_t wrapped = 0;
  for (; wrapped < stage.argument_count && !error; ++wrapped) {
    uint8_t argument = stage.arguments[wrapped];
    const Tensor &tensor = arguments.tensors[argument & ~HEED_PER_ROW];
    Buffer *buffer = new (storage + wrapped * sizeof(Buffer)) Buffer(tensor);
    if (argument & HEED_PER_ROW)
      buffer->spreadRows();
    buffers[wrapped] = buffer;
    error = wrapTensor(tensor, buffer->header);
  }
  if (!error)
    error = guarded([&] { return stage.call(buffers); });
  for (uint32_t i = 0; i < wrapped; ++i)
    unwrapTensor(arguments.tensors[stage.arguments[i] & ~HEED_PER_ROW],
                 static_cast<Buffer *>(buffers[i])->header);
  return error;
}

heed_status runStages(const heed_kernel &kernel, const heed_variant &variant,
                      const Arguments &arguments) {
  if (variant.device != kDLCPU) {
    watchDevice();
    int error = 0;
    for (uint32_t i = 0; i < variant.stage_count && !error; ++i)
      error = runOnDevice(variant.stages[i], arguments);
    return deviceFailure(error, kernel.name);
  }
  for (uint32_t i = 0; i < variant.stage_count; ++i) {
    int error = runStage(variant.stages[i], arguments);
    if (error == halide_error_code_out_of_memory)
      return fail(HEED_OUT_OF_MEMORY, "%s: no memory for the kernel's workspace", kernel.name);
    if (error)
      return fail(HEED_INTERNAL, "%s: stage %u of %s failed with Halide's error %d", kernel.name, i,
                  variant.target, error);
  }
  return HEED_OK;
}

} // namespace

heed_status heed_call(const heed_kernel *kernel, const DLTensor *const *tensors) {
  if (!kernel)
    return fail(HEED_NULL_ARGUMENT, "heed_call: the kernel is NULL");
  adoptHalideRuntime();
  Arguments arguments;
  if (heed_status status = checkArguments(*kernel, tensors, arguments))
    return status;
  const heed_variant *variant;
  if (heed_status status = chooseVariant(*kernel, arguments, variant))
    return status;
  if (writesNothing(*kernel, arguments))
    return HEED_OK;
  return runStages(*kernel, *variant, arguments);
}
