#include "Elements.h"

#include <math.h>

typedef struct {
  CActivation kind;
  const void *output;
  void *values;
} Activation;

static inline float activated(CActivation kind, float x) {
  switch (kind) {
  case CACTIVATION_LEAKY_RELU: return x > 0.0f ? x : 0.01f * x;
  case CACTIVATION_TANH: return tanhf(x);
  case CACTIVATION_SCALED_TANH: return 1.7159f * tanhf(x * (2.0f / 3.0f));
  case CACTIVATION_SIGMOID: return 1.0f / (1.0f + expf(-x));
  default: return x;
  }
}

LOOP activate(const void *context, long start, long end, const int narrow) {
  const Activation a = *(const Activation *)context;
  void *restrict values = a.values;
  if (a.kind == CACTIVATION_RELU) {
    for (long i = start; i < end; i++) {
      float x = load(values, i, narrow);
      store(values, i, narrow, x < 0.0f ? 0.0f : x);
    }
  } else {
    for (long i = start; i < end; i++)
      store(values, i, narrow, activated(a.kind, load(values, i, narrow)));
  }
}
FOR_BOTH_ELEMENTS(activate)

void ckernels_activate(long count, CElement element, CActivation activation, void *values) {
  Activation context = {activation, NULL, values};
  cmachine_for_range(count, count, &context, FOR_ELEMENT(activate, element));
}

typedef struct {
  CActivation kind;
  const void *left, *right;
  void *output;
} Sum;

LOOP add_activated(const void *context, long start, long end, const int narrow) {
  const Sum s = *(const Sum *)context;
  if (s.kind == CACTIVATION_RELU) {
    for (long i = start; i < end; i++) {
      float x = load(s.left, i, narrow) + load(s.right, i, narrow);
      store(s.output, i, narrow, x < 0.0f ? 0.0f : x);
    }
  } else {
    for (long i = start; i < end; i++)
      store(
          s.output, i, narrow,
          activated(s.kind, load(s.left, i, narrow) + load(s.right, i, narrow)));
  }
}
FOR_BOTH_ELEMENTS(add_activated)

void ckernels_add_activated(
    long count, CElement element, CActivation activation, const void *left, const void *right,
    void *output) {
  Sum context = {activation, left, right, output};
  cmachine_for_range(count, count, &context, FOR_ELEMENT(add_activated, element));
}

static inline float derivative(CActivation kind, float y) {
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

LOOP follow_slope(const void *context, long start, long end, const int narrow) {
  const Activation a = *(const Activation *)context;
  const void *restrict output = a.output;
  void *restrict gradient = a.values;
  if (a.kind == CACTIVATION_RELU) {
    for (long i = start; i < end; i++) {
      float g = load(gradient, i, narrow);
      store(gradient, i, narrow, load(output, i, narrow) > 0.0f ? g : 0.0f);
    }
  } else {
    for (long i = start; i < end; i++)
      store(
          gradient, i, narrow,
          load(gradient, i, narrow) * derivative(a.kind, load(output, i, narrow)));
  }
}
FOR_BOTH_ELEMENTS(follow_slope)

void ckernels_activate_backward(
    long count, CElement element, CActivation activation, const void *output, void *gradient) {
  Activation context = {activation, output, gradient};
  cmachine_for_range(count, count, &context, FOR_ELEMENT(follow_slope, element));
}

// The parametric rectifier: x if x > 0, else the derivative of the channel times x.

typedef struct {
  CChannelShape shape;
  const void *input, *output_gradient;
  const float *alpha;
  double *sums;
  void *output;
} Rectifier;

LOOP rectify(const void *context, long start, long end, const int narrow) {
  const Rectifier r = *(const Rectifier *)context;
  long channels = r.shape.channels;
  for (long i = start; i < end; i++) {
    const void *restrict input = from(r.input, i * channels, narrow);
    void *restrict output = into(r.output, i * channels, narrow);
    SHORT_LOOP for (long c = 0; c < channels; c++) {
      float x = load(input, c, narrow);
      store(output, c, narrow, x > 0.0f ? x : r.alpha[c] * x);
    }
  }
}
FOR_BOTH_ELEMENTS(rectify)

void ckernels_prelu(
    CChannelShape shape, CElement element, const void *input, const float *alpha, void *output) {
  Rectifier context = {shape, input, NULL, alpha, NULL, output};
  cmachine_for_range(
      shape.count, shape.count * shape.channels, &context, FOR_ELEMENT(rectify, element));
}

LOOP rectify_back(const void *context, long start, long end, const int narrow) {
  const Rectifier r = *(const Rectifier *)context;
  long channels = r.shape.channels;
  for (long chunk = start; chunk < end; chunk++) {
    double *restrict sums = r.sums + chunk * channels;
    memset(sums, 0, (size_t)channels * sizeof(double));
    long first = r.shape.count * chunk / CKERNELS_CHUNKS;
    long last = r.shape.count * (chunk + 1) / CKERNELS_CHUNKS;
    for (long i = first; i < last; i++) {
      const void *restrict input = from(r.input, i * channels, narrow);
      const void *restrict gradient = from(r.output_gradient, i * channels, narrow);
      for (long c = 0; c < channels; c++) {
        float x = load(input, c, narrow), g = load(gradient, c, narrow);
        sums[c] += x > 0.0f ? 0.0f : x * g;
      }
      if (r.output == NULL) continue;
      void *restrict target = into(r.output, i * channels, narrow);
      SHORT_LOOP for (long c = 0; c < channels; c++) {
        float x = load(input, c, narrow), g = load(gradient, c, narrow);
        store(target, c, narrow, x > 0.0f ? g : r.alpha[c] * g);
      }
    }
  }
}
FOR_BOTH_ELEMENTS(rectify_back)

void ckernels_prelu_backward(
    CChannelShape shape, CElement element, const void *input, const float *alpha,
    const void *output_gradient, double *sums, float *slope_gradient, void *input_gradient) {
  Rectifier context = {shape, input, output_gradient, alpha, sums, input_gradient};
  cmachine_for_range(
      CKERNELS_CHUNKS, shape.count * shape.channels, &context, FOR_ELEMENT(rectify_back, element));
  for (long c = 0; c < shape.channels; c++) {
    double sum = 0;
    for (long chunk = 0; chunk < CKERNELS_CHUNKS; chunk++) sum += sums[chunk * shape.channels + c];
    slope_gradient[c] = (float)sum;
  }
}
