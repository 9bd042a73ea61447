#include "CKernels.h"

#include "Parallel.h"

#include <math.h>
#include <stddef.h>

typedef struct {
  CActivation kind;
  const float *output;
  float *values;
} Activation;

static inline float activated(CActivation kind, float x) {
  switch (kind) {
  case CACTIVATION_RELU: return x < 0.0f ? 0.0f : x;
  case CACTIVATION_LEAKY_RELU: return x > 0.0f ? x : 0.01f * x;
  case CACTIVATION_TANH: return tanhf(x);
  case CACTIVATION_SCALED_TANH: return 1.7159f * tanhf(x * (2.0f / 3.0f));
  case CACTIVATION_SIGMOID: return 1.0f / (1.0f + expf(-x));
  default: return x;
  }
}

FOR_EACH_PROCESSOR static void activate_range(const void *context, long start, long end) {
  const Activation a = *(const Activation *)context;
  float *restrict values = a.values;
  if (a.kind == CACTIVATION_RELU) {
    for (long i = start; i < end; i++) values[i] = values[i] < 0.0f ? 0.0f : values[i];
  } else {
    for (long i = start; i < end; i++) values[i] = activated(a.kind, values[i]);
  }
}

void ckernels_activate(long count, CActivation activation, float *values) {
  Activation context = {activation, NULL, values};
  ckernels_for_range(count, count, &context, activate_range);
}

static inline float slope(CActivation kind, float y) {
  switch (kind) {
  case CACTIVATION_LEAKY_RELU: return y > 0.0f ? 1.0f : 0.01f;
  case CACTIVATION_TANH: return 1.0f - y * y;
  case CACTIVATION_SCALED_TANH: {
    float t = y / 1.7159f;
    return 1.7159f * (2.0f / 3.0f) * (1.0f - t * t);
  }
  case CACTIVATION_SIGMOID: return y * (1.0f - y);
  default: return 1.0f;
  }
}

FOR_EACH_PROCESSOR static void slope_range(const void *context, long start, long end) {
  const Activation a = *(const Activation *)context;
  const float *restrict output = a.output;
  float *restrict gradient = a.values;
  if (a.kind == CACTIVATION_RELU) {
    for (long i = start; i < end; i++) gradient[i] = output[i] > 0.0f ? gradient[i] : 0.0f;
  } else {
    for (long i = start; i < end; i++) gradient[i] *= slope(a.kind, output[i]);
  }
}

void ckernels_activate_backward(
    long count, CActivation activation, const float *output, float *gradient) {
  Activation context = {activation, output, gradient};
  ckernels_for_range(count, count, &context, slope_range);
}
