#include "Elements.h"

#include <math.h>

// Sums over pixels are computed in one pass, in a fixed number of chunks that are added in order,
// so that they do not depend on the number of threads.

typedef struct {
  CChannelShape shape;
  const void *input, *output_gradient;
  const float *mean;
  double *sums;
  const float *factors;
  void *output;
} Norm;

/// The sums, per chunk, of x and x^2 or, if `mean` is given, of g and g (x - mean).
LOOP sum_chunks(const void *context, long start, long end, const int narrow) {
  const Norm n = *(const Norm *)context;
  long channels = n.shape.channels;
  for (long chunk = start; chunk < end; chunk++) {
    double *restrict sum = n.sums + 2 * chunk * channels;
    double *restrict products = sum + channels;
    memset(sum, 0, (size_t)(2 * channels) * sizeof(double));
    long first = n.shape.count * chunk / CKERNELS_CHUNKS;
    long last = n.shape.count * (chunk + 1) / CKERNELS_CHUNKS;
    for (long i = first; i < last; i++) {
      const void *restrict input = from(n.input, i * channels, narrow);
      if (n.mean == NULL) {
        for (long c = 0; c < channels; c++) {
          double x = load(input, c, narrow);
          sum[c] += x;
          products[c] += x * x;
        }
      } else {
        const void *restrict gradient = from(n.output_gradient, i * channels, narrow);
        for (long c = 0; c < channels; c++) {
          double g = load(gradient, c, narrow);
          sum[c] += g;
          products[c] += g * (load(input, c, narrow) - n.mean[c]);
        }
      }
    }
  }
}
FOR_BOTH_ELEMENTS(sum_chunks)

static void add_chunks(Norm *context, CElement element) {
  CChannelShape shape = context->shape;
  cmachine_for_range(
      CKERNELS_CHUNKS, shape.count * shape.channels, context, FOR_ELEMENT(sum_chunks, element));
  for (long chunk = 1; chunk < CKERNELS_CHUNKS; chunk++)
    for (long c = 0; c < 2 * shape.channels; c++)
      context->sums[c] += context->sums[2 * chunk * shape.channels + c];
}

void ckernels_channel_moments(
    CChannelShape shape, CElement element, const void *input, double *sums, float *mean,
    float *variance) {
  Norm context = {.shape = shape, .input = input, .sums = sums};
  add_chunks(&context, element);
  for (long c = 0; c < shape.channels; c++) {
    double average = sums[c] / (double)shape.count;
    double spread = sums[shape.channels + c] / (double)shape.count - average * average;
    mean[c] = (float)average;
    variance[c] = spread > 0 ? (float)spread : 0.0f;
  }
}

LOOP normalize(const void *context, long start, long end, const int narrow) {
  const Norm n = *(const Norm *)context;
  long channels = n.shape.channels;
  const float *restrict scale = n.factors, *restrict shift = n.factors + channels;
  for (long i = start; i < end; i++) {
    const void *restrict input = from(n.input, i * channels, narrow);
    void *restrict output = into(n.output, i * channels, narrow);
    SHORT_LOOP for (long c = 0; c < channels; c++)
        store(output, c, narrow, load(input, c, narrow) * scale[c] + shift[c]);
  }
}
FOR_BOTH_ELEMENTS(normalize)

void ckernels_normalize(
    CChannelShape shape, CElement element, float epsilon, const void *input, const float *mean,
    const float *variance, const float *gamma, const float *beta, float *factors, void *output) {
  for (long c = 0; c < shape.channels; c++) {
    factors[c] = gamma[c] / sqrtf(variance[c] + epsilon);
    factors[shape.channels + c] = beta[c] - mean[c] * factors[c];
  }
  Norm context = {.shape = shape, .input = input, .factors = factors, .output = output};
  cmachine_for_range(
      shape.count, shape.count * shape.channels, &context, FOR_ELEMENT(normalize, element));
}

/// scale g - gain (x - mean) - shift, with one value of each per channel.
LOOP normalize_back(const void *context, long start, long end, const int narrow) {
  const Norm n = *(const Norm *)context;
  long channels = n.shape.channels;
  const float *restrict scale = n.factors, *restrict gain = scale + channels;
  const float *restrict shift = gain + channels;
  for (long i = start; i < end; i++) {
    const void *restrict input = from(n.input, i * channels, narrow);
    const void *restrict gradient = from(n.output_gradient, i * channels, narrow);
    void *restrict target = into(n.output, i * channels, narrow);
    SHORT_LOOP for (long c = 0; c < channels; c++)
        store(
            target, c, narrow,
            load(gradient, c, narrow) * scale[c] -
                (load(input, c, narrow) - n.mean[c]) * gain[c] - shift[c]);
  }
}
FOR_BOTH_ELEMENTS(normalize_back)

void ckernels_normalize_backward(
    CChannelShape shape, CElement element, float epsilon, const void *input, const float *mean,
    const float *variance, const float *gamma, const void *output_gradient, double *sums,
    float *factors, float *gamma_gradient, float *beta_gradient, void *input_gradient) {
  Norm context = {shape, input, output_gradient, mean, sums, factors, input_gradient};
  add_chunks(&context, element);
  for (long c = 0; c < shape.channels; c++) {
    double inverse = 1 / sqrt((double)variance[c] + (double)epsilon), count = (double)shape.count;
    gamma_gradient[c] = (float)(sums[shape.channels + c] * inverse);
    beta_gradient[c] = (float)sums[c];
    double scale = gamma[c] * inverse;
    factors[c] = (float)scale;
    factors[shape.channels + c] =
        (float)(scale * inverse * inverse * sums[shape.channels + c] / count);
    factors[2 * shape.channels + c] = (float)(scale * sums[c] / count);
  }
  if (input_gradient == NULL) return;
  cmachine_for_range(
      shape.count, shape.count * shape.channels, &context, FOR_ELEMENT(normalize_back, element));
}
