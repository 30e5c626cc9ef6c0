/* heed/device.h - memory of devices other than the CPU, for kernels compiled with --target opencl or
 * cuda.
 *
 * A tensor on a device is a DLTensor whose `device` says so and whose `data` is the device's handle
 * (OpenCL: a cl_mem of the context that Heed works in; CUDA: a CUdeviceptr). A call whose tensors are
 * on a device runs there; nothing is copied unless asked for here. Every function needs a kernel for
 * the device in the program, whose library brings the device's driver interface; without one,
 * without a driver or without a device it reports HEED_NO_DEVICE.
 */
#ifndef HEED_DEVICE_H
#define HEED_DEVICE_H

#include <heed/heed.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Memory on `tensor->device` for a compact tensor of this shape and type: sets data, and byte_offset
 * to 0. HEED_OUT_OF_MEMORY where there is none. Freed by heed_device_free, not before calls that use
 * it have returned. */
heed_status heed_device_allocate(DLTensor *tensor);

/* Frees what heed_device_allocate gave and sets data to NULL. NULL data is ignored. */
heed_status heed_device_free(DLTensor *tensor);

/* Copies all elements of `from` to `to`: from the CPU to a device or back. Both have one type and
 * shape, and the same strides. Returns when it is done. */
heed_status heed_device_copy(const DLTensor *from, DLTensor *to);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
