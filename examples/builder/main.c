/* Calls the kernel that describe.cpp describes, on inputs whose result is known: where queries and keys are zero,
   weights depend on the distance alone. */
#include "fading.h"

#include <math.h>
#include <stdio.h>

enum { queries = 200, heads = 8, key_heads = 2, dim = 32 };

static float q[queries][heads][dim], k[queries][key_heads][dim], v[queries][key_heads][dim],
    output[queries][heads][dim];

static DLTensor describe(float *data, int64_t *shape) {
  DLTensor tensor = {.data = data,
                     .device = {kDLCPU, 0},
                     .ndim = 4,
                     .dtype = {kDLFloat, 32, 1},
                     .shape = shape}; /* strides NULL: compact */
  return tensor;
}

/* The mean of the keys' places, as seen by a query: exp(-log(1 + back) / (1 + head)) is their weight. */
static double expected(int query, int head) {
  double sum = 0, total = 0;
  for (int key = 0; key <= query; ++key)
    if (query - key <= 128 || key < 4) {
      double weight = pow(1 + query - key, -1.0 / (1 + head));
      sum += weight * key, total += weight;
    }
  return sum / total;
}

int main(void) {
  for (int key = 0; key < queries; ++key)
    for (int head = 0; head < key_heads; ++head)
      for (int d = 0; d < dim; ++d)
        v[key][head][d] = (float)key;
  int64_t shape[] = {1, queries, heads, dim}, key_shape[] = {1, queries, key_heads, dim};
  DLTensor tq = describe(&q[0][0][0], shape), tk = describe(&k[0][0][0], key_shape),
           tv = describe(&v[0][0][0], key_shape), to = describe(&output[0][0][0], shape);
  if (fading(&tq, &tk, &tv, &to) != HEED_OK) {
    fprintf(stderr, "%s\n", heed_last_error());
    return 1;
  }
  double largest = 0;
  for (int i = 0; i < queries; ++i)
    for (int head = 0; head < heads; ++head)
      largest = fmax(largest, fabs(output[i][head][0] - expected(i, head)));
  printf("fading: largest error %.1e\n", largest);
  return largest < 1e-3 ? 0 : 1;
}
