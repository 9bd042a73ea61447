#include "CIdentityLosses.h"

#include "CMachine.h"

#include <math.h>
#include <stddef.h>

// Sums may be reordered here; otherwise compilers cannot vectorise them.
#define ANY_ORDER _Pragma("clang fp reassociate(on)")

typedef struct {
  long rows, columns;
  const float *points;
  float *distances;
} Distances;

// Both halves of the matrix are computed, because parts of a triangle would differ in size.
RANGE_LOOP(distances_range) {
  ANY_ORDER
  const Distances d = *(const Distances *)context;
  for (long i = start; i < end; i++) {
    const float *restrict one = d.points + i * d.columns;
    for (long j = 0; j < d.rows; j++) {
      const float *restrict other = d.points + j * d.columns;
      float sum = 0.0f;
      for (long k = 0; k < d.columns; k++) {
        float difference = one[k] - other[k];
        sum += difference * difference;
      }
      d.distances[i * d.rows + j] = sum;
    }
  }
}

void ckernels_squared_distances(
    long rows, long columns, const float *points, float *distances) {
  Distances context = {rows, columns, points, distances};
  cmachine_for_range(rows, rows * rows * columns, &context, distances_range);
}

typedef struct {
  long rows, columns;
  const float *weights, *points;
  float *gradient;
} Accumulation;

RANGE_LOOP(accumulate_range) {
  const Accumulation p = *(const Accumulation *)context;
  for (long i = start; i < end; i++) {
    const float *one = p.points + i * p.columns;
    float *restrict gradient = p.gradient + i * p.columns;
    for (long k = 0; k < p.columns; k++) gradient[k] = 0.0f;
    for (long j = 0; j < p.rows; j++) {
      float weight = p.weights[i * p.rows + j];
      // The weight is 0 for most pairs of a batch.
      if (weight == 0.0f) continue;
      const float *other = p.points + j * p.columns;
      for (long k = 0; k < p.columns; k++) gradient[k] += weight * (one[k] - other[k]);
    }
  }
}

void ckernels_accumulate_rows(
    long rows, long columns, const float *weights, const float *points, float *gradient) {
  Accumulation context = {rows, columns, weights, points, gradient};
  cmachine_for_range(rows, rows * rows * columns, &context, accumulate_range);
}

typedef struct {
  CMarginSoftmax m;
  const int32_t *labels;
  float *cosines, *losses;
} MarginSoftmax;

typedef struct {
  float value, derivative;
} Target;

// cos(theta + margin), and its derivative with respect to cos(theta). Beyond theta + margin = pi
// the function would increase again, so a decreasing line replaces it. The sine is kept away from
// 0, where the derivative is infinite.
static inline Target angular_target(float cosine, float margin) {
  float cos_m = cosf(margin), sin_m = sinf(margin);
  if (!(cosine > -cos_m)) return (Target){cosine - margin * sin_m, 1.0f};
  const float epsilon = 1e-7f;
  float square = (1.0f - cosine) * (1.0f + cosine);
  int is_held = !(square > epsilon);
  float sine = sqrtf(is_held ? epsilon : square);
  return (Target){
      cosine * cos_m - sine * sin_m, is_held ? cos_m : cos_m + cosine / sine * sin_m};
}

/// The cross-entropy with a smoothed target, less that with the target alone, which is divided by the
/// scale: the difference of the target's cosine and the mean cosine.
static inline double smoothed_part(
    const float *cosines, long classes, int32_t label, float target, float smoothing) {
  double sum = (double)target - cosines[label];
  for (long j = 0; j < classes; j++) sum += cosines[j];
  return smoothing * (target - sum / (double)classes);
}

static void margin_softmax_range(const void *context, long start, long end) {
  const MarginSoftmax s = *(const MarginSoftmax *)context;
  const long classes = s.m.classes;
  const float scale = s.m.scale;
  for (long row = start; row < end; row++) {
    float *restrict values = s.cosines + row * classes;
    const int32_t label = s.labels[row];
    const float cosine = values[label];
    Target target = s.m.angular ? angular_target(cosine, s.m.margin)
                                : (Target){cosine - s.m.margin, 1.0f};
    // The target is excluded: the sum of the other terms then gives one minus its probability
    // without rounding errors.
    const float smoothing = s.m.smoothing;
    const double smoothed =
        smoothing > 0 ? smoothed_part(values, classes, label, target.value, smoothing) : 0;
    values[label] = -INFINITY;
    float largest = target.value;
    for (long j = 0; j < classes; j++) largest = values[j] > largest ? values[j] : largest;
    double others = 0.0;
    for (long j = 0; j < classes; j++) {
      values[j] = expf(scale * (values[j] - largest));
      others += values[j];
    }
    const double logit = (double)scale * (target.value - largest), own = exp(logit);
    s.losses[row] = (float)(logit == 0.0 ? log1p(others) : log(own + others) - logit);
    if (smoothing > 0) s.losses[row] += (float)(scale * smoothed);
    const double factor = scale / ((own + others) * (double)s.m.rows);
    for (long j = 0; j < classes; j++) values[j] = (float)(values[j] * factor);
    values[label] = (float)(-others * factor * target.derivative);
    if (smoothing == 0) continue;
    const double each = scale * smoothing / ((double)classes * (double)s.m.rows);
    for (long j = 0; j < classes; j++) values[j] -= (float)each;
    values[label] += (float)(each + each * (double)(classes - 1) * target.derivative);
  }
}

void ckernels_margin_softmax(
    CMarginSoftmax softmax, const int32_t *labels, float *cosines, float *losses) {
  MarginSoftmax context = {softmax, labels, cosines, losses};
  // An exponential takes as long as many additions.
  cmachine_for_range(
      softmax.rows, 8 * softmax.rows * softmax.classes, &context, margin_softmax_range);
}
