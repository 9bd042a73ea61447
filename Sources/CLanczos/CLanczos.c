#include "CLanczos.h"

#include <math.h>
#include <stdlib.h>

// The arithmetic is that of Pillow 12.2.0, so that samples equal those the recipes were made with:
// weights normalised in double precision, rounded half away from zero to 22 fractional bits, sums
// that start from one half, and a result of 8 bits after each pass.
enum { FRACTION_BITS = 22 };

struct CLanczosAxis {
  int length_in;
  int length_out;
  int capacity;  // weights reserved for each output
  int *first;    // [length_out] index of the first input that counts
  int *count;    // [length_out] how many count
  int32_t *weights;  // [length_out, capacity]
};

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
  int32_t *weights = axis->weights + (size_t)output * (size_t)axis->capacity;
  for (int i = 0; i < count; i++) {
    double fixed = (sum != 0.0 ? values[i] / sum : values[i]) * (1 << FRACTION_BITS);
    weights[i] = (int32_t)(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
  }
  axis->first[output] = first;
  axis->count[output] = count;
}

CLanczosAxis *clanczos_axis_create(int length_in, int length_out, CLanczosFilter filter) {
  double scale = (double)length_in / length_out;
  double filter_scale = scale < 1.0 ? 1.0 : scale;
  double support = (filter == CLANCZOS_LANCZOS ? 3.0 : 1.0) * filter_scale;
  CLanczosAxis *axis = calloc(1, sizeof *axis);
  if (axis == NULL) return NULL;
  axis->length_in = length_in;
  axis->length_out = length_out;
  axis->capacity = (int)ceil(support) * 2 + 1;
  axis->first = malloc((size_t)length_out * sizeof(int));
  axis->count = malloc((size_t)length_out * sizeof(int));
  axis->weights = malloc((size_t)length_out * (size_t)axis->capacity * sizeof(int32_t));
  double *values = malloc((size_t)axis->capacity * sizeof(double));
  if (axis->first == NULL || axis->count == NULL || axis->weights == NULL || values == NULL) {
    free(values);
    clanczos_axis_destroy(axis);
    return NULL;
  }
  for (int output = 0; output < length_out; output++)
    fill_weights(
        axis, output, scale, filter_scale, support,
        filter == CLANCZOS_LANCZOS ? lanczos : triangle, values);
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

static uint8_t clip(int32_t sum) {
  int32_t value = sum >> FRACTION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

void clanczos_horizontal(
    const CLanczosAxis *axis, const uint8_t *source, int rows, int channels, uint8_t *target) {
  for (int row = 0; row < rows; row++) {
    const uint8_t *line = source + (size_t)row * (size_t)axis->length_in * (size_t)channels;
    for (int output = 0; output < axis->length_out; output++) {
      const int32_t *weights = axis->weights + (size_t)output * (size_t)axis->capacity;
      const uint8_t *taps = line + (size_t)axis->first[output] * (size_t)channels;
      for (int channel = 0; channel < channels; channel++) {
        int32_t sum = 1 << (FRACTION_BITS - 1);
        for (int i = 0; i < axis->count[output]; i++)
          sum += weights[i] * taps[i * channels + channel];
        *target++ = clip(sum);
      }
    }
  }
}

void clanczos_vertical(
    const CLanczosAxis *axis, const uint8_t *source, int line, uint8_t *target) {
  for (int output = 0; output < axis->length_out; output++) {
    const int32_t *weights = axis->weights + (size_t)output * (size_t)axis->capacity;
    const uint8_t *taps = source + (size_t)axis->first[output] * (size_t)line;
    for (int column = 0; column < line; column++) {
      int32_t sum = 1 << (FRACTION_BITS - 1);
      for (int i = 0; i < axis->count[output]; i++)
        sum += weights[i] * taps[(size_t)i * (size_t)line + (size_t)column];
      *target++ = clip(sum);
    }
  }
}
