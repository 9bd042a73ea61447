#ifndef CKERNELS_NORMALIZATION_PLAN_H
#define CKERNELS_NORMALIZATION_PLAN_H

#include "CNormalization.h"
#include "Dropping.h"
#include "Elements.h"

#include <math.h>

// Sums over pixels are computed in one pass, in a fixed number of chunks that are added in order, so
// that they do not depend on the number of threads. Moments are summed in 64 bits. Of gradients, runs
// of a few pixels are summed in 32 bits, and the runs in 64 bits.

/// Number of channels whose gradients are summed at a time, and of pixels in 32 bits.
#define TILE 64
#define RUN 32

typedef struct {
  CNormShape shape;
  Dropping dropping;
  const void *input, *output_gradient;
  const float *scale, *shift, *slope;               // forward
  const float *mean, *factor, *gain, *offset;       // backward
  double *sums;
  const uint8_t *places;
  uint8_t *new_places;
  void *output;
} Norm;

static inline long pixels_of(CNormShape s) { return s.rows * s.height * s.width; }
static inline long smaller(long a, long b) { return a < b ? a : b; }

/// Adds the sums of the chunks, `count` of them for each channel.
static inline void add_chunks(double *sums, long count, long channels) {
  for (long chunk = 1; chunk < CNORM_CHUNKS; chunk++)
    for (long c = 0; c < count * channels; c++) sums[c] += sums[chunk * 3 * channels + c];
}

/// The factor and the summand of each channel.
static inline void set_factors(CNormWeights w, long channels, float *factors) {
  for (long c = 0; c < channels; c++) {
    factors[c] = w.gamma[c] / sqrtf(w.variance[c] + w.epsilon);
    factors[channels + c] = w.beta[c] - w.mean[c] * factors[c];
  }
}

/// Defines the range loops of `lines`, which is compiled for each window, with and without dropout.
#define FOR_EVERY_NORM(name, lines)                                                                \
  LOOP name(const void *context, long start, long end, const int narrow) {                         \
    const Norm n = *(const Norm *)context;                                                         \
    int drops = n.dropping.threshold > 0;                                                          \
    if (n.shape.window == 2 && drops) lines(&n, start, end, 1, 2, narrow);                         \
    if (n.shape.window == 2 && !drops) lines(&n, start, end, 0, 2, narrow);                        \
    if (n.shape.window == 1 && drops) lines(&n, start, end, 1, 1, narrow);                         \
    if (n.shape.window == 1 && !drops) lines(&n, start, end, 0, 1, narrow);                        \
  }                                                                                                \
  FOR_BOTH_ELEMENTS(name)

#endif
