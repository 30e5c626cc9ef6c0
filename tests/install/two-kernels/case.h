/* One call's tensors. The weights of a query sum to 1, so values that are all equal come out as they are. */
#include <dlpack/dlpack.h>
#include <math.h>
#include <stdlib.h>

enum { case_size = 1 * 70 * 3 * 16 };

typedef struct call_case {
  float query[case_size], key[case_size], value[case_size], output[case_size];
  int64_t shape[4];
  DLTensor tensors[4];
} call_case;

static inline call_case *new_case(float value) {
  call_case *c = (call_case *)calloc(1, sizeof(call_case));
  const int64_t shape[4] = {1, 70, 3, 16};
  float *data[4] = {c->query, c->key, c->value, c->output};
  for (int i = 0; i < case_size; ++i) {
    c->query[i] = sinf((float)i);
    c->key[i] = cosf((float)i);
    c->value[i] = value;
  }
  for (int i = 0; i < 4; ++i) {
    DLTensor *t = &c->tensors[i];
    c->shape[i] = shape[i];
    t->data = data[i];
    t->device.device_type = kDLCPU;
    t->ndim = 4;
    t->dtype.code = kDLFloat;
    t->dtype.bits = 32;
    t->dtype.lanes = 1;
    t->shape = c->shape;
  }
  return c;
}

static inline int is_right(const call_case *c) {
  for (int i = 0; i < case_size; ++i)
    if (!(fabsf(c->output[i] - c->value[0]) < 1e-5f * c->value[0]))
      return 0;
  return 1;
}
