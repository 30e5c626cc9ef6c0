/* Runs the kernel of alibi.mlir and compares it with the loops it stands for. */
#include "alibi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { batch = 2, length = 300, heads = 8, key_heads = 2, dim = 32, window = 128, sinks = 4 };

static float query[batch][length][heads][dim], key[batch][length][key_heads][dim],
    value[batch][length][key_heads][dim], output[batch][length][heads][dim], slopes[heads];

static DLTensor tensor(float *data, int rank, int64_t *shape) {
  DLTensor t = {.data = data,
                .device = {kDLCPU, 0},
                .ndim = rank,
                .dtype = {kDLFloat, 32, 1},
                .shape = shape}; /* strides NULL: compact */
  return t;
}

static void fill(float *data, size_t count) {
  for (size_t i = 0; i < count; ++i)
    data[i] = (float)rand() / (float)RAND_MAX - 0.5f;
}

/* The largest difference between the row (b, i, h) of `output` and the formula. */
static double row_error(int b, int i, int h) {
  int hk = h / (heads / key_heads);
  double weight[length] = {0}, sum = 0, error = 0;
  for (int j = 0; j <= i; ++j) {
    double score = 0;
    for (int d = 0; d < dim; ++d)
      score += (double)query[b][i][h][d] * key[b][j][hk][d];
    score = 50 * tanh(score / sqrt(dim) / 50) - slopes[h] * (i - j);
    if (i - j < window || j < sinks)
      sum += weight[j] = exp(score);
  }
  for (int d = 0; d < dim; ++d) {
    double expected = 0;
    for (int j = 0; j <= i; ++j)
      expected += weight[j] / sum * value[b][j][hk][d];
    error = fmax(error, fabs(expected - output[b][i][h][d]));
  }
  return error;
}

int main(void) {
  int64_t query_shape[] = {batch, length, heads, dim};
  int64_t key_shape[] = {batch, length, key_heads, dim};
  int64_t slopes_shape[] = {heads};
  fill(&query[0][0][0][0], sizeof query / sizeof(float));
  fill(&key[0][0][0][0], sizeof key / sizeof(float));
  fill(&value[0][0][0][0], sizeof value / sizeof(float));
  for (int h = 0; h < heads; ++h)
    slopes[h] = exp2f(-8.0f * (float)(h + 1) / heads);

  DLTensor q = tensor(&query[0][0][0][0], 4, query_shape), k = tensor(&key[0][0][0][0], 4, key_shape),
           v = tensor(&value[0][0][0][0], 4, key_shape), s = tensor(slopes, 1, slopes_shape),
           o = tensor(&output[0][0][0][0], 4, query_shape);
  heed_status status = alibi(&q, &k, &v, &s, &o);
  if (status != HEED_OK) {
    fprintf(stderr, "%s: %s\n", heed_status_name(status), heed_last_error());
    return 1;
  }

  double error = 0;
  for (int b = 0; b < batch; ++b)
    for (int i = 0; i < length; ++i)
      for (int h = 0; h < heads; ++h)
        error = fmax(error, row_error(b, i, h));
  printf("alibi: %d x %d queries, %d heads, largest error %.1e\n", batch, length, heads, error);
  return error < 1e-5 ? 0 : 1;
}
