#include "CKernels.h"

#include "Parallel.h"

#include <math.h>
#include <stdlib.h>

// Channels are cut into shares for the threads: sums over pixels then need no second pass, and come
// out the same whatever the number of threads.

typedef struct {
  CNormShape shape;
  const float *input, *mean, *variance, *gamma, *beta, *output_gradient;
  float *first, *second, *output;
} Norm;

/// So many channels are summed side by side.
#define LANES 16

FOR_EACH_PROCESSOR static void moments_range(const void *context, long start, long end) {
  const Norm n = *(const Norm *)context;
  for (long block = start; block < end; block++) {
    long from = block * LANES, to = from + LANES < n.shape.channels ? from + LANES : n.shape.channels;
    double sum[LANES] = {0}, squares[LANES] = {0};
    for (long i = 0; i < n.shape.count; i++) {
      const float *restrict x = n.input + i * n.shape.channels + from;
      for (long c = 0; c < to - from; c++) sum[c] += x[c];
    }
    for (long c = 0; c < to - from; c++) sum[c] /= (double)n.shape.count;
    for (long i = 0; i < n.shape.count; i++) {
      const float *restrict x = n.input + i * n.shape.channels + from;
      for (long c = 0; c < to - from; c++) {
        double d = x[c] - sum[c];
        squares[c] += d * d;
      }
    }
    for (long c = 0; c < to - from; c++) {
      n.first[from + c] = (float)sum[c];
      n.second[from + c] = (float)(squares[c] / (double)n.shape.count);
    }
  }
}

static long blocks(CNormShape shape) { return (shape.channels + LANES - 1) / LANES; }

void ckernels_channel_moments(CNormShape shape, const float *input, float *mean, float *variance) {
  Norm context = {shape, input, NULL, NULL, NULL, NULL, NULL, mean, variance, NULL};
  ckernels_for_range(blocks(shape), shape.count * shape.channels, &context, moments_range);
}

FOR_EACH_PROCESSOR static void normalize_range(const void *context, long start, long end) {
  const Norm n = *(const Norm *)context;
  for (long block = 0; block < blocks(n.shape); block++) {
    long from = block * LANES, to = from + LANES < n.shape.channels ? from + LANES : n.shape.channels;
    float scale[LANES], shift[LANES];
    for (long c = 0; c < to - from; c++) {
      scale[c] = n.gamma[from + c] / sqrtf(n.variance[from + c] + n.shape.epsilon);
      shift[c] = n.beta[from + c] - n.mean[from + c] * scale[c];
    }
    for (long i = start; i < end; i++) {
      const float *restrict x = n.input + i * n.shape.channels + from;
      float *restrict y = n.output + i * n.shape.channels + from;
      SHORT_LOOP for (long c = 0; c < to - from; c++) y[c] = x[c] * scale[c] + shift[c];
    }
  }
}

void ckernels_normalize(
    CNormShape shape, const float *input, const float *mean, const float *variance,
    const float *gamma, const float *beta, float *output) {
  Norm context = {shape, input, mean, variance, gamma, beta, NULL, NULL, NULL, output};
  ckernels_for_range(shape.count, shape.count * shape.channels, &context, normalize_range);
}

FOR_EACH_PROCESSOR static void normalize_sums_range(const void *context, long start, long end) {
  const Norm n = *(const Norm *)context;
  for (long block = start; block < end; block++) {
    long from = block * LANES, to = from + LANES < n.shape.channels ? from + LANES : n.shape.channels;
    double sum[LANES] = {0}, products[LANES] = {0};
    for (long i = 0; i < n.shape.count; i++) {
      const float *restrict x = n.input + i * n.shape.channels + from;
      const float *restrict g = n.output_gradient + i * n.shape.channels + from;
      for (long c = 0; c < to - from; c++) {
        sum[c] += g[c];
        products[c] += (double)g[c] * (x[c] - n.mean[from + c]);
      }
    }
    for (long c = 0; c < to - from; c++) {
      n.second[from + c] = (float)sum[c];
      n.first[from + c] =
          (float)(products[c] / sqrt((double)n.variance[from + c] + (double)n.shape.epsilon));
    }
  }
}

FOR_EACH_PROCESSOR static void normalize_back_range(const void *context, long start, long end) {
  const Norm n = *(const Norm *)context;
  float count = (float)n.shape.count;
  for (long block = 0; block < blocks(n.shape); block++) {
    long from = block * LANES, to = from + LANES < n.shape.channels ? from + LANES : n.shape.channels;
    float scale[LANES], slope[LANES], shift[LANES];
    for (long c = 0; c < to - from; c++) {
      float inverse = 1.0f / sqrtf(n.variance[from + c] + n.shape.epsilon);
      scale[c] = n.gamma[from + c] * inverse;
      slope[c] = inverse * n.first[from + c] / count;
      shift[c] = n.second[from + c] / count;
    }
    for (long i = start; i < end; i++) {
      const float *restrict x = n.input + i * n.shape.channels + from;
      const float *restrict g = n.output_gradient + i * n.shape.channels + from;
      float *restrict target = n.output + i * n.shape.channels + from;
      SHORT_LOOP for (long c = 0; c < to - from; c++) target[c] =
          scale[c] * (g[c] - shift[c] - (x[c] - n.mean[from + c]) * slope[c]);
    }
  }
}

void ckernels_normalize_backward(
    CNormShape shape, const float *input, const float *mean, const float *variance,
    const float *gamma, const float *output_gradient, float *gamma_gradient, float *beta_gradient,
    float *input_gradient) {
  Norm context = {shape, input, mean, variance, gamma, NULL, output_gradient, gamma_gradient,
                  beta_gradient, input_gradient};
  ckernels_for_range(blocks(shape), shape.count * shape.channels, &context, normalize_sums_range);
  if (input_gradient == NULL) return;
  ckernels_for_range(shape.count, shape.count * shape.channels, &context, normalize_back_range);
}
