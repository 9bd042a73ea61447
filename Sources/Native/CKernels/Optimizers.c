#include "CKernels.h"

#include "CMachine.h"

#include <float.h>
#include <stddef.h>

enum { MAX_PARTS = 1024, SHORTEST_PART = 4096 };

// Every update is one pass over the weights and their memory, because with tens of millions of
// weights the time is spent on memory access, not on arithmetic.

/// The square root as an instruction. The library function also sets errno, which prevents
/// vectorisation.
static inline float root(float x) { return __builtin_elementwise_sqrt(x); }

/// The largest number in place of infinity, and NaN as it is. The square of a gradient may be too large
/// for a float; as infinity in the memory it would hold its weight for ever.
static inline float finite(float x) { return x > FLT_MAX ? FLT_MAX : x; }

/// An update of weights, in parts that depend only on their number, with the sum of the squares of the
/// weights before it.
typedef struct {
  CRangeBody body;
  const void *context;
  long count, part;
  const float *values;
  double *sums;  // of each part, or NULL
} Update;

RANGE_LOOP(square_range) {
  _Pragma("clang fp reassociate(on)") const Update *u = context;
  double sum = 0.0;
  for (long i = start; i < end; i++) sum += (double)u->values[i] * u->values[i];
  u->sums[start / u->part] += sum;
}

static void update_parts(const void *context, long start, long end) {
  const Update *u = context;
  for (long part = start; part < end; part++) {
    long last = (part + 1) * u->part < u->count ? (part + 1) * u->part : u->count;
    if (u->sums != NULL) u->sums[part] = 0.0;
    for (long first = part * u->part; first < last; first += SHORTEST_PART) {
      long next = first + SHORTEST_PART < last ? first + SHORTEST_PART : last;
      // The values are in the cache for the update then.
      if (u->sums != NULL) square_range(u, first, next);
      u->body(u->context, first, next);
    }
  }
}

/// Updates `count` weights. Returns the sum of their squares before, 0 if `l2` is.
static double update(
    long count, float l2, const float *values, const void *context, CRangeBody body) {
  double sums[MAX_PARTS], sum = 0.0;
  long part = (count + MAX_PARTS - 1) / MAX_PARTS;
  if (part < SHORTEST_PART) part = SHORTEST_PART;
  long parts = (count + part - 1) / part;
  Update all = {body, context, count, part, values, l2 == 0.0f ? NULL : sums};
  cmachine_for_range(parts, count, &all, update_parts);
  if (l2 == 0.0f) return 0.0;
  for (long p = 0; p < parts; p++) sum += sums[p];
  return sum;
}

typedef struct {
  float rate, rho, epsilon, l2;
  const float *gradient;
  float *velocity, *values;
} RmsProp;

RANGE_LOOP(rmsprop_range) {
  const RmsProp r = *(const RmsProp *)context;
  const float *restrict gradient = r.gradient;
  float *restrict velocity = r.velocity, *restrict values = r.values;
  for (long i = start; i < end; i++) {
    float g = gradient[i] + r.l2 * values[i];
    float v = finite(r.rho * velocity[i] + (1.0f - r.rho) * g * g);
    velocity[i] = v;
    values[i] -= r.rate * g / root(v + r.epsilon);
  }
}

double ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, float l2, const float *gradient,
    float *velocity, float *values) {
  RmsProp context = {rate, rho, epsilon, l2, gradient, velocity, values};
  return update(count, l2, values, &context, rmsprop_range);
}

typedef struct {
  CAdam a;
  const float *gradient;
  float *first, *second, *largest, *values;
} Adam;

RANGE_LOOP(adam_range) {
  const Adam s = *(const Adam *)context;
  const CAdam a = s.a;
  const float *restrict gradient = s.gradient;
  float *restrict first = s.first, *restrict second = s.second, *restrict values = s.values;
  for (long i = start; i < end; i++) {
    float g = gradient[i] + a.l2 * values[i];
    float m = a.beta1 * first[i] + (1.0f - a.beta1) * g;
    float v = finite(a.beta2 * second[i] + (1.0f - a.beta2) * g * g);
    first[i] = m;
    second[i] = v;
    values[i] -= a.rate * (a.momentum_share * m + a.gradient_share * g) /
                     (root(v * a.second_share) + a.epsilon) +
                 a.decay * values[i];
  }
}

RANGE_LOOP(amsgrad_range) {
  const Adam s = *(const Adam *)context;
  const CAdam a = s.a;
  const float *restrict gradient = s.gradient;
  float *restrict first = s.first, *restrict second = s.second, *restrict values = s.values;
  float *restrict largest = s.largest;
  for (long i = start; i < end; i++) {
    float g = gradient[i] + a.l2 * values[i];
    float m = a.beta1 * first[i] + (1.0f - a.beta1) * g;
    float v = finite(a.beta2 * second[i] + (1.0f - a.beta2) * g * g);
    float maximum = largest[i] > v ? largest[i] : v;
    first[i] = m;
    second[i] = v;
    largest[i] = maximum;
    values[i] -= a.rate * (a.momentum_share * m + a.gradient_share * g) /
                     (root(maximum * a.second_share) + a.epsilon) +
                 a.decay * values[i];
  }
}

double ckernels_adam(
    long count, CAdam adam, const float *gradient, float *first, float *second, float *largest,
    float *values) {
  Adam context = {adam, gradient, first, second, largest, values};
  return update(
      count, adam.l2, values, &context, largest == NULL ? adam_range : amsgrad_range);
}

typedef struct {
  CMomentum m;
  const float *gradient;
  float *velocity, *values;
} Momentum;

RANGE_LOOP(momentum_range) {
  const Momentum s = *(const Momentum *)context;
  const CMomentum m = s.m;
  const float *restrict gradient = s.gradient;
  float *restrict velocity = s.velocity, *restrict values = s.values;
  for (long i = start; i < end; i++) {
    float g = gradient[i] + m.l2 * values[i], v = m.momentum * velocity[i] - m.rate * g;
    velocity[i] = v;
    values[i] += m.nesterov ? m.momentum * v - m.rate * g : v;
  }
}

double ckernels_momentum(
    long count, CMomentum momentum, const float *gradient, float *velocity, float *values) {
  Momentum context = {momentum, gradient, velocity, values};
  return update(count, momentum.l2, values, &context, momentum_range);
}

typedef struct {
  float share;
  const float *values;
  float *averages;
} Averaging;

RANGE_LOOP(average_range) {
  const Averaging a = *(const Averaging *)context;
  const float *restrict values = a.values;
  float *restrict averages = a.averages;
  for (long i = start; i < end; i++) averages[i] += a.share * (values[i] - averages[i]);
}

void ckernels_average(long count, float share, const float *values, float *averages) {
  Averaging context = {share, values, averages};
  cmachine_for_range(count, count, &context, average_range);
}
