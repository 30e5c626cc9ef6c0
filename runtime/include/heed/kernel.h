/* heed/kernel.h - what a generated library tells the runtime about one kernel.
 *
 * Not for users: `heedc` emits these tables as constant data beside the kernels' objects, and the
 * generated entry passes them to heed_call. The layout is an ABI: HEED_ABI_VERSION changes with it.
 */
#ifndef HEED_KERNEL_H
#define HEED_KERNEL_H

#include <heed/heed.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEED_ABI_VERSION 4u

/* What an argument is to the kernel, and so what the runtime checks about its contents. */
enum {
  HEED_ROLE_INPUT = 0,
  HEED_ROLE_OUTPUT = 1,
  HEED_ROLE_KEY_LENGTHS = 2,   /* int32 (batch): 0 <= value <= extent of `limit` */
  HEED_ROLE_QUERY_LENGTHS = 3, /* int32 (batch): 0 <= value <= extent of `limit` */
  HEED_ROLE_QUERY_OFFSETS = 4, /* int32 (batch): any value */
  HEED_ROLE_INDEX = 5,    /* integer tensor that indexes an axis: 0 <= value < extent of `limit` */
  HEED_ROLE_SEGMENTS = 6, /* int32 (any): cumulative lengths, 0 <= value <= extent of `limit`,
                             none below the one before it */
};

/* One tensor argument. shape[i] >= 0 is a fixed extent; shape[i] < 0 names symbol -shape[i] - 1. */
typedef struct heed_argument {
  const char *name;
  uint8_t type_code; /* DLDataTypeCode */
  uint8_t type_bits;
  uint8_t rank;
  uint8_t role;
  const int64_t *shape; /* rank entries */
  int64_t limit; /* for lengths, indices, segments: fixed extent or symbol, coded as in shape */
  uint8_t inner_contiguous; /* 1: the last dimension's stride must be 1 (or its extent < 2) */
  uint8_t nonempty_axes;    /* bit i: axis i is loaded at places clamped into it: where it is empty,
                               the runtime lets the kernel load zeros */
} heed_argument;

/* A relation between two extents that the shapes alone don't fix: extent(a) % extent(b) == 0. */
typedef struct heed_multiple {
  int64_t a, b; /* coded as in shape */
} heed_multiple;

/* An extent that no axis of one tensor fixes: extent(symbol) = sum of factor * extent. Pages of a
 * block table times the tokens of a page; past keys plus new ones. Factors are positive. A tensor
 * that has `symbol` in its shape has to agree. */
typedef struct heed_term {
  int64_t extent; /* coded as in shape */
  int64_t factor;
} heed_term;

typedef struct heed_derived {
  uint32_t symbol;
  uint32_t term_count;
  const heed_term *terms;
} heed_derived;

/* One compiled function. `call` takes an array of pointers to halide_buffer_t, one for each entry
 * of `arguments` (indices into heed_kernel.arguments), and returns 0 or Halide's error code.
 * Dimension i of a buffer is dimension rank - 1 - i of its tensor. An entry with HEED_PER_ROW added
 * is a tensor (batch, head, query) that one function writes together with an output (batch, query,
 * head, dim): its buffer has that output's dimensions, (any, head, query, batch), the first with
 * stride 0. */
#define HEED_PER_ROW 0x80u

typedef struct heed_stage {
  int (*call)(void **buffers);
  uint32_t argument_count;
  const uint8_t *arguments;
} heed_stage;

/* low <= extent(a) * extent(b) <= high; a is a symbol, b is 1 where the range is of it alone. */
typedef struct heed_range {
  int64_t a, b; /* coded as in shape */
  int64_t low, high;
} heed_range;

/* CPU features a variant needs; all of them must be present. */
enum {
  HEED_CPU_SSE41 = 1u << 0,
  HEED_CPU_AVX = 1u << 1,
  HEED_CPU_AVX2 = 1u << 2,
  HEED_CPU_FMA = 1u << 3,
  HEED_CPU_F16C = 1u << 4,
  HEED_CPU_AVX512 = 1u << 5,      /* F, CD, BW, DQ and VL */
  HEED_CPU_AVX512_BF16 = 1u << 6, /* BF16, VNNI, IFMA, VBMI, VBMI2 and BITALG */
};

/* One way to run the kernel. The runtime takes the first one that runs where the tensors are, whose
 * features the CPU has and whose ranges hold. HEED_TARGET=<target> restricts the choice to variants
 * of that target. */
typedef struct heed_variant {
  const char *target; /* "x86-64-avx512", "x86-64-avx512-bf16", "x86-64-avx2", "opencl" ... */
  uint32_t device;    /* DLDeviceType of the memory it runs on */
  uint64_t features;
  uint32_t range_count;
  const heed_range *ranges;
  uint32_t stage_count; /* run in order */
  const heed_stage *stages;
} heed_variant;

typedef struct heed_kernel {
  uint32_t abi_version;
  const char *name;
  uint32_t argument_count;
  const heed_argument *arguments; /* in the order of the C function's parameters */
  uint32_t symbol_count;
  const char *const *symbols; /* names for messages: "batch", "queries", ... */
  uint32_t multiple_count;
  const heed_multiple *multiples;
  uint32_t derived_count; /* computed in order, after all shapes: later ones may use earlier ones */
  const heed_derived *derived;
  uint32_t variant_count;
  const heed_variant *variants;
} heed_kernel;

/* Checks `tensors` (argument_count of them) against `kernel`, picks a variant and runs it. Nothing
 * is written unless every check passed. Safe to call from several threads at once. */
#pragma GCC visibility push(default)
heed_status heed_call(const heed_kernel *kernel, const DLTensor *const *tensors);
#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
