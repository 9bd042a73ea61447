#ifndef CKERNELS_PLANAR_PIXELS_H
#define CKERNELS_PLANAR_PIXELS_H

#include "PlanarPlan.h"

// Planes to pixels of PADDED channels, and back.

typedef float Eight __attribute__((vector_size(32)));
typedef float LooseEight __attribute__((vector_size(32), aligned(4), may_alias));

/// Transposes eight rows of eight.
INLINE void transpose(Eight m[PADDED]) {
  Eight a[PADDED], b[PADDED];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = __builtin_shufflevector(m[2 * i], m[2 * i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[2 * i + 1] = __builtin_shufflevector(m[2 * i], m[2 * i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) {
      Eight low = a[4 * i + j], high = a[4 * i + 2 + j];
      b[4 * i + 2 * j] = __builtin_shufflevector(low, high, 0, 1, 8, 9, 4, 5, 12, 13);
      b[4 * i + 2 * j + 1] = __builtin_shufflevector(low, high, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    m[i] = __builtin_shufflevector(b[i], b[4 + i], 0, 1, 2, 3, 8, 9, 10, 11);
    m[4 + i] = __builtin_shufflevector(b[i], b[4 + i], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// Copies planes to pixels of PADDED channels.
INLINE void join_planes(long count, long channels, const float *planes, float *pixels) {
  long i = 0;
  for (; i + PADDED <= count; i += PADDED) {
    Eight m[PADDED];
    for (long c = 0; c < PADDED; c++)
      m[c] = c < channels ? *(const LooseEight *)(planes + c * count + i) : (Eight){};
    transpose(m);
    for (int k = 0; k < PADDED; k++) *(LooseEight *)(pixels + (i + k) * PADDED) = m[k];
  }
  for (; i < count; i++)
    for (long c = 0; c < PADDED; c++)
      pixels[i * PADDED + c] = c < channels ? planes[c * count + i] : 0.0f;
}

/// Copies pixels of PADDED channels to planes.
INLINE void split_planes(long count, long channels, const float *pixels, float *planes) {
  long i = 0;
  for (; i + PADDED <= count; i += PADDED) {
    Eight m[PADDED];
    for (int k = 0; k < PADDED; k++) m[k] = *(const LooseEight *)(pixels + (i + k) * PADDED);
    transpose(m);
    for (long c = 0; c < channels; c++) *(LooseEight *)(planes + c * count + i) = m[c];
  }
  for (; i < count; i++)
    for (long c = 0; c < channels; c++) planes[c * count + i] = pixels[i * PADDED + c];
}

#endif
