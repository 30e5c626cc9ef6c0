/* heed/heed.h - the runtime every generated kernel runs on.
 *
 * Tensors are DLPack's DLTensor: NumPy, PyTorch and JAX hand theirs over without a copy. Shapes are
 * logical (batch, sequence, head, dim); strides are free except that the last dimension is
 * contiguous, so a (batch, head, sequence, dim) buffer is passed as the same shape with its own
 * strides. NULL strides mean compact row-major. Tensors live in CPU memory (kDLCPU).
 */
#ifndef HEED_H
#define HEED_H

#include <dlpack/dlpack.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* What a call reports. Anything but HEED_OK leaves every output untouched, unless stated otherwise,
 * and heed_last_error() says which argument is wrong and what was expected. */
typedef enum heed_status {
  HEED_OK = 0,
  HEED_NULL_ARGUMENT = 1, /* a tensor, its data or its shape is NULL */
  HEED_WRONG_DEVICE = 2,  /* memory that the kernel does not run on, or not all in one place */
  HEED_WRONG_TYPE = 3,    /* element type, lanes */
  HEED_WRONG_RANK = 4,
  HEED_WRONG_SHAPE = 5,     /* an extent disagrees with the signature or with another argument */
  HEED_WRONG_STRIDE = 6,    /* last dimension not contiguous; output elements in one place */
  HEED_WRONG_ALIGNMENT = 7, /* data pointer not aligned to the element */
  HEED_TOO_LARGE = 8,       /* an extent or offset past 2^31 - 1 elements */
  HEED_OVERLAP = 9,         /* an output shares memory with an input or another output */
  HEED_WRONG_VALUE = 10,    /* a length, offset or index out of range */
  HEED_NO_VARIANT = 11,     /* no variant for this CPU, these shapes, or HEED_TARGET */
  HEED_WRONG_VERSION = 12,  /* the library was generated for another ABI version */
  HEED_OUT_OF_MEMORY = 13,  /* outputs may be partly written */
  HEED_BAD_FILE = 14,       /* models: a file is missing, truncated or contradicts itself */
  HEED_INTERNAL = 15,       /* a bug in Heed: please report it */
  HEED_FULL = 16,           /* a cache has no room: free some and try again */
  HEED_NO_DEVICE = 17,      /* no device, no driver for it, or no kernel for it in this program */
} heed_status;

/* A short English name: "wrong shape". Never NULL, also for numbers that are no status. */
const char *heed_status_name(heed_status status);

/* The message of the calling thread's last failed call, "" before any. Valid until its next. */
const char *heed_last_error(void);

/* Threads a call may use, the caller's included, at most 256. n < 1 means HEED_NUM_THREADS where
 * that is set, else one per core; so it is before the first call. Results have the same bits
 * whatever the number. May be called at any time; loops under way are finished first. */
void heed_set_threads(int n);
int heed_threads(void);

/* Lets the host run Heed's loops on its own pool: `run(context, body, data, count)` must call
 * body(data, i) once for each i in [0, count), in any order, on any threads, and return when all
 * are done. NULL restores Heed's own pool. Not to be changed while calls are running. */
typedef void (*heed_loop_body)(void *data, int i);
typedef void (*heed_run_loop)(void *context, heed_loop_body body, void *data, int count);
void heed_set_run_loop(heed_run_loop run, void *context);

/* The best target this CPU can run, as heedc spells it, e.g. "x86-64-avx512"; "" for none. */
const char *heed_host_target(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
