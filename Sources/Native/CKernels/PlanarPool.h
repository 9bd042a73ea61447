#ifndef CKERNELS_PLANAR_POOL_H
#define CKERNELS_PLANAR_POOL_H

#include "Dropping.h"
#include "PlanarVectors.h"

/// What becomes of the maxima of a line.
typedef struct {
  int relu;
  Dropping dropping;
  uint32_t number;  // of the first value in the dropout
} Finish;

/// The same for values that begin `offset` further on.
INLINE Finish from_number(Finish finish, long offset) {
  finish.number += (uint32_t)offset;
  return finish;
}

/// The maxima of a line of windows, and where they come from: 0...3, or 4 for a value that is set to 0.
/// `drops` is known to the compiler.
INLINE void pool_line(
    long count, const int drops, Finish finish, const float *restrict above,
    const float *restrict below, float *restrict largest, uint8_t *restrict which) {
  int relu = finish.relu;
  float minimum = relu ? 0.0f : -__builtin_inff();
  for (long x = 0; x < count; x++) {
    float a = above[2 * x], b = above[2 * x + 1], c = below[2 * x], d = below[2 * x + 1];
    // A NaN propagates to the maximum from any position, because comparisons with NaN are false.
    int right_above = b > a || b != b, right_below = d > c || d != d;
    float upper = right_above ? b : a, lower = right_below ? d : c;
    Bits of_upper = right_above ? 1 : 0, of_lower = right_below ? 3 : 2;
    int is_lower = lower > upper || lower != lower;
    float maximum = is_lower ? lower : upper;
    Bits of_maximum = is_lower ? of_lower : of_upper;
    int is_least = maximum <= minimum;
    maximum = is_least ? minimum : maximum;
    if (drops) {
      int is_dropped = is_drawn(finish.dropping, finish.number + (uint32_t)x);
      maximum = is_dropped ? 0.0f : maximum * finish.dropping.scale;
      is_least |= is_dropped;
    }
    largest[x] = maximum;
    which[x] = (uint8_t)(is_least ? 4 : of_maximum);
  }
}

#endif
