#include "CKernels.h"

#include "Parallel.h"

#include <math.h>
#include <string.h>

// Max pooling.

typedef struct {
  CPoolShape shape;
  const float *input, *output;
  float *output_gradient, *target;
} Pool;

FOR_EACH_PROCESSOR static void pool_rows(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  for (long row = start; row < end; row++) {
    const float *restrict top =
        pool->input + (row / height * s.height + row % height * s.window) * line;
    float *restrict target = pool->target + row * width * s.channels;
    for (long x = 0; x < width; x++) {
      const float *restrict corner = top + x * s.window * s.channels;
      float *restrict largest = target + x * s.channels;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) largest[c] = corner[c];
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          const float *restrict values = corner + i * line + j * s.channels;
          SHORT_LOOP for (long c = 0; c < s.channels; c++)
              largest[c] = values[c] > largest[c] ? values[c] : largest[c];
        }
    }
  }
}

void ckernels_max_pool(CPoolShape shape, const float *input, float *output) {
  Pool pool = {shape, input, NULL, NULL, output};
  ckernels_for_range(
      shape.rows * (shape.height / shape.window), shape.rows * shape.height * shape.width, &pool,
      pool_rows);
}

FOR_EACH_PROCESSOR static void pool_images_backward(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  long image = s.height * line;
  if (s.height % s.window != 0 || s.width % s.window != 0)
    memset(pool->target + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long row = start * height; row < end * height; row++) {
    long top = row / height * image + row % height * s.window * line;
    for (long x = 0; x < width; x++) {
      const float *restrict largest = pool->output + (row * width + x) * s.channels;
      float *restrict left = pool->output_gradient + (row * width + x) * s.channels;
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          long at = top + i * line + (x * s.window + j) * s.channels;
          const float *restrict values = pool->input + at;
          float *restrict target = pool->target + at;
          SHORT_LOOP for (long c = 0; c < s.channels; c++) {
            int first = values[c] == largest[c];
            target[c] = first ? left[c] : 0.0f;
            left[c] = first ? 0.0f : left[c];
          }
        }
    }
  }
}

void ckernels_max_pool_backward(
    CPoolShape shape, const float *input, const float *output, float *output_gradient,
    float *input_gradient) {
  Pool pool = {shape, input, output, output_gradient, input_gradient};
  ckernels_for_range(
      shape.rows, shape.rows * shape.height * shape.width, &pool, pool_images_backward);
}

// Average pooling.

FOR_EACH_PROCESSOR static void average_rows(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  float share = 1.0f / (float)(s.window * s.window);
  for (long row = start; row < end; row++) {
    const float *top = pool->input + (row / height * s.height + row % height * s.window) * line;
    for (long x = 0; x < width; x++) {
      const float *corner = top + x * s.window * s.channels;
      float *restrict mean = pool->target + (row * width + x) * s.channels;
      memset(mean, 0, (size_t)s.channels * sizeof(float));
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          const float *restrict values = corner + i * line + j * s.channels;
          SHORT_LOOP for (long c = 0; c < s.channels; c++) mean[c] += values[c];
        }
      SHORT_LOOP for (long c = 0; c < s.channels; c++) mean[c] *= share;
    }
  }
}

void ckernels_average_pool(CPoolShape shape, const float *input, float *output) {
  Pool pool = {shape, input, NULL, NULL, output};
  ckernels_for_range(
      shape.rows * (shape.height / shape.window), shape.rows * shape.height * shape.width, &pool,
      average_rows);
}

FOR_EACH_PROCESSOR static void average_images_backward(const void *context, long start, long end) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  long image = s.height * line;
  float share = 1.0f / (float)(s.window * s.window);
  memset(pool->target + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long row = start * height; row < end * height; row++)
    for (long x = 0; x < width; x++) {
      const float *restrict gradient = pool->input + (row * width + x) * s.channels;
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          float *restrict target = pool->target + row / height * image +
                                   (row % height * s.window + i) * line +
                                   (x * s.window + j) * s.channels;
          SHORT_LOOP for (long c = 0; c < s.channels; c++) target[c] = gradient[c] * share;
        }
    }
}

void ckernels_average_pool_backward(
    CPoolShape shape, const float *output_gradient, float *input_gradient) {
  Pool pool = {shape, output_gradient, NULL, NULL, input_gradient};
  ckernels_for_range(
      shape.rows, shape.rows * shape.height * shape.width, &pool, average_images_backward);
}

// Dropout.

typedef struct {
  uint32_t key_low, key_high, threshold;
  float scale;
  const float *input;
  float *output;
} Dropout;

/// A hash of 32 bits whose bits all depend on all bits of its argument (the finaliser of
/// MurmurHash3).
static inline uint32_t mixed(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

FOR_EACH_PROCESSOR static void drop_range(const void *context, long start, long end) {
  const Dropout d = *(const Dropout *)context;
  const float *restrict input = d.input;
  float *restrict output = d.output;
  for (long i = start; i < end; i++) {
    uint32_t draw = mixed(mixed((uint32_t)i ^ d.key_low) + d.key_high);
    output[i] = draw >= d.threshold ? input[i] * d.scale : 0.0f;
  }
}

void ckernels_dropout(long count, float rate, uint64_t key, const float *input, float *output) {
  Dropout dropout = {
      (uint32_t)key, (uint32_t)(key >> 32), (uint32_t)((double)rate * 4294967296.0),
      1.0f / (1.0f - rate), input, output};
  ckernels_for_range(count, count, &dropout, drop_range);
}

// Bias and ReLU.

typedef struct {
  long columns;
  int relu;
  const float *bias, *gradients;
  float *values;
} Columns;

FOR_EACH_PROCESSOR static void add_bias_rows(const void *context, long start, long end) {
  const Columns *c = context;
  for (long row = start; row < end; row++) {
    float *values = c->values + row * c->columns;
    for (long i = 0; i < c->columns; i++) values[i] += c->bias[i];
    if (c->relu)
      for (long i = 0; i < c->columns; i++) values[i] = values[i] < 0.0f ? 0.0f : values[i];
  }
}

void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values) {
  Columns context = {columns, relu, bias, NULL, values};
  ckernels_for_range(rows, rows * columns, &context, add_bias_rows);
}

void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums) {
  memset(sums, 0, (size_t)columns * sizeof(float));
  for (long row = 0; row < rows; row++)
    for (long i = 0; i < columns; i++) sums[i] += gradients[row * columns + i];
}
