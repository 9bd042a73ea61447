#ifndef CIDENTITYLOSSES_H
#define CIDENTITYLOSSES_H

#include <stdint.h>

// The slowest parts of losses over the identities of a batch. All arrays are 32-bit floats.

/// distances[i, j] = the sum over columns of (points[i] - points[j])^2, [rows, rows]. Computed from
/// the differences, because |a|^2 + |b|^2 - 2 a b leaves only rounding errors if the distance is
/// small.
void ckernels_squared_distances(
    long rows, long columns, const float *points, float *distances);

/// gradient[i] = the sum over j of weights[i, j] (points[i] - points[j]).
void ckernels_accumulate_rows(
    long rows, long columns, const float *weights, const float *points, float *gradient);

/// A softmax over scale x cosine, in which a margin reduces the cosine of the target.
typedef struct {
  long rows;
  long classes;
  float scale;
  float margin;
  int angular;      // not 0: cos(theta + margin); 0: cos(theta) - margin
  float smoothing;  // the share of the target that is spread evenly over all classes
} CMarginSoftmax;

/// losses[row] = -ln of the softmax at labels[row], or the mean of -ln of the softmax over the smoothed
/// target. `cosines`, [rows, classes], is replaced by the
/// gradient of the mean loss with respect to the cosines.
void ckernels_margin_softmax(
    CMarginSoftmax softmax, const int32_t *labels, float *cosines, float *losses);

#endif
