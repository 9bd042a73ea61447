#include "Axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= M_PI;
  return sin(x) / x;
}

static double lanczos(double x) {
  return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

static double triangle(double x) {
  x = fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

/// Returns the low byte as a signed digit and leaves the remaining digits in `rest`.
static int8_t take_digit(int32_t *rest) {
  int8_t digit = (int8_t)(*rest & 0xFF);
  *rest = (*rest - digit) / 256;
  return digit;
}

static void put_weight(WeightGroup *group, int tap, int32_t weight) {
  group->whole[tap] = weight;
  // Both operations round towards minus infinity, so the low half is never negative.
  int16_t high = (int16_t)(weight >> 11), low = (int16_t)(weight & 0x7FF);
  if (tap % 2 == 0) {
    group->even_high[tap / 2] = high;
    group->even_low[tap / 2] = low;
  } else {
    group->odd_high[tap / 2] = high;
    group->odd_low[tap / 2] = low;
  }
  for (int digit = 0; digit < 3; digit++) group->digits[digit][tap] = take_digit(&weight);
}

static void fill_weights(
    CLanczosAxis *axis, int output, double scale, double filter_scale, double support,
    double (*filter)(double), double *values) {
  double centre = (output + 0.5) * scale;
  int first = (int)(centre - support + 0.5);
  if (first < 0) first = 0;
  int end = (int)(centre + support + 0.5);
  if (end > axis->length_in) end = axis->length_in;
  int count = end - first;
  double sum = 0.0;
  for (int i = 0; i < count; i++) {
    values[i] = filter((i + first - centre + 0.5) * (1.0 / filter_scale));
    sum += values[i];
  }
  WeightGroup *groups = axis->weights + (size_t)output * (size_t)axis->capacity;
  int base = first / GROUP;
  for (int i = 0; i < count; i++) {
    double fixed = (sum != 0.0 ? values[i] / sum : values[i]) * (1 << FRACTION_BITS);
    int32_t weight = (int32_t)(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    put_weight(groups + (first + i) / GROUP - base, (first + i) % GROUP, weight);
  }
  axis->first[output] = base;
  axis->count[output] = count > 0 ? (end - 1) / GROUP - base + 1 : 0;
}

/// An axis of unchanged length uses the weight one, which reproduces each byte.
static void fill_identity(CLanczosAxis *axis) {
  for (int output = 0; output < axis->length_out; output++) {
    put_weight(
        axis->weights + (size_t)output * (size_t)axis->capacity, output % GROUP,
        1 << FRACTION_BITS);
    axis->first[output] = output / GROUP;
    axis->count[output] = 1;
  }
}

CLanczosAxis *clanczos_axis_create(int length_in, int length_out, CLanczosFilter filter) {
  double scale = (double)length_in / length_out;
  double filter_scale = scale < 1.0 ? 1.0 : scale;
  double support = (filter == CLANCZOS_LANCZOS ? 3.0 : 1.0) * filter_scale;
  int taps = (int)ceil(support) * 2 + 1;
  CLanczosAxis *axis = calloc(1, sizeof *axis);
  if (axis == NULL) return NULL;
  axis->length_in = length_in;
  axis->length_out = length_out;
  axis->capacity = (taps + GROUP - 2) / GROUP + 1;
  axis->first = malloc((size_t)length_out * sizeof(int));
  axis->count = malloc((size_t)length_out * sizeof(int));
  axis->weights = calloc((size_t)length_out * (size_t)axis->capacity, sizeof(WeightGroup));
  double *values = malloc((size_t)taps * sizeof(double));
  if (axis->first == NULL || axis->count == NULL || axis->weights == NULL || values == NULL) {
    free(values);
    clanczos_axis_destroy(axis);
    return NULL;
  }
  if (length_in == length_out) {
    fill_identity(axis);
  } else {
    for (int output = 0; output < length_out; output++)
      fill_weights(
          axis, output, scale, filter_scale, support,
          filter == CLANCZOS_LANCZOS ? lanczos : triangle, values);
  }
  free(values);
  return axis;
}

void clanczos_axis_destroy(CLanczosAxis *axis) {
  if (axis == NULL) return;
  free(axis->first);
  free(axis->count);
  free(axis->weights);
  free(axis);
}

size_t clanczos_axis_size(const CLanczosAxis *axis) {
  return (size_t)axis->length_out * ((size_t)axis->capacity * sizeof(WeightGroup) + 2 * sizeof(int));
}
