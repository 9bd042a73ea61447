#ifndef CKERNELS_PLANAR_SUMS_H
#define CKERNELS_PLANAR_SUMS_H

#include "PlanarPlan.h"

#include <string.h>

/// Copies an image to planes.
INLINE void spread(CPlanarShape s, Plan p, const float *image, float *planes) {
  long pixels = s.height * s.width;
  for (long c = 0; c < s.channels; c++) {
    float *restrict plane = planes + c * p.plane + p.margin;
    if (s.planar_input) {
      memcpy(plane, image + c * pixels, (size_t)pixels * sizeof(float));
      continue;
    }
    for (long i = 0; i < pixels; i++) plane[i] = image[i * s.channels + c];
  }
}

/// Computes GROUP planes of the output from all planes of the input. `taps` has the offset from p
/// at which each factor is read, and `kernel` is [tap, GROUP].
INLINE void sum_planes(
    const float *inputs, const long *taps, long count, const float *kernel, const float *bias,
    long length, long plane, float *outputs) {
  for (long at = 0; at < length; at += LANES) {
    Vector sums[GROUP];
    for (int f = 0; f < GROUP; f++) sums[f] = (Vector){} + bias[f];
    for (long t = 0; t < count; t++) {
      Vector value = *(const Loose *)(inputs + at + taps[t]);
      for (int f = 0; f < GROUP; f++) sums[f] += value * kernel[t * GROUP + f];
    }
    for (int f = 0; f < GROUP; f++) *(Loose *)(outputs + f * plane + at) = sums[f];
  }
}

/// Computes the offset of each tap over each plane of the input; `plane` lies between two of them.
INLINE void place_taps(CPlanarShape s, Plan p, long plane, long *taps) {
  for (long t = 0; t < p.taps; t++) {
    long offset = t / s.kernel * s.width + t % s.kernel;
    for (long c = 0; c < s.channels; c++) taps[c * p.taps + t] = c * plane + offset;
  }
}

/// The maximum number of taps of a kernel over all planes of its input.
#define MAX_TAPS (CPLANAR_MAX_KERNEL * CPLANAR_MAX_KERNEL * CPLANAR_MAX_CHANNELS)

#endif
