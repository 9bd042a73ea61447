#include "CKernels.h"

#include "CMachine.h"

#include <stddef.h>

// Every update is one pass over the weights and their memory, because with tens of millions of
// weights the time is spent on memory access, not on arithmetic.

/// The square root as an instruction. The library function also sets errno, which prevents
/// vectorisation.
static inline float root(float x) { return __builtin_elementwise_sqrt(x); }

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
    float g = gradient[i] + r.l2 * values[i], v = r.rho * velocity[i] + (1.0f - r.rho) * g * g;
    velocity[i] = v;
    values[i] -= r.rate * g / root(v + r.epsilon);
  }
}

void ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, float l2, const float *gradient,
    float *velocity, float *values) {
  RmsProp context = {rate, rho, epsilon, l2, gradient, velocity, values};
  cmachine_for_range(count, count, &context, rmsprop_range);
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
    float v = a.beta2 * second[i] + (1.0f - a.beta2) * g * g;
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
    float v = a.beta2 * second[i] + (1.0f - a.beta2) * g * g;
    float maximum = largest[i] > v ? largest[i] : v;
    first[i] = m;
    second[i] = v;
    largest[i] = maximum;
    values[i] -= a.rate * (a.momentum_share * m + a.gradient_share * g) /
                     (root(maximum * a.second_share) + a.epsilon) +
                 a.decay * values[i];
  }
}

void ckernels_adam(
    long count, CAdam adam, const float *gradient, float *first, float *second, float *largest,
    float *values) {
  Adam context = {adam, gradient, first, second, largest, values};
  cmachine_for_range(count, count, &context, largest == NULL ? adam_range : amsgrad_range);
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

void ckernels_momentum(
    long count, CMomentum momentum, const float *gradient, float *velocity, float *values) {
  Momentum context = {momentum, gradient, velocity, values};
  cmachine_for_range(count, count, &context, momentum_range);
}
