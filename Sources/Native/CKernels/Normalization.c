#include "NormalizationPlan.h"

/// Adds `count` pixels to the sums of their channels and to the sums of the squares.
ALWAYS_INLINE void add_pixels(
    const void *restrict input, long channels, const int count, double *restrict values,
    double *restrict squares, const int narrow) {
  SHORT_LOOP for (long c = 0; c < channels; c++) {
    double value = 0, square = 0;
    for (int i = 0; i < count; i++) {
      double x = (double)load(input, i * channels + c, narrow);
      value += x;
      square += x * x;
    }
    values[c] += value;
    squares[c] += square;
  }
}

/// The sums of x and of its square.
LOOP sum_moments(const void *context, long start, long end, const int narrow) {
  const Norm n = *(const Norm *)context;
  long channels = n.shape.channels, count = pixels_of(n.shape);
  for (long chunk = start; chunk < end; chunk++) {
    double *sums = n.sums + 3 * chunk * channels;
    memset(sums, 0, (size_t)(2 * channels) * sizeof(double));
    long i = count * chunk / CNORM_CHUNKS, last = count * (chunk + 1) / CNORM_CHUNKS;
    for (; i + 4 <= last; i += 4)
      add_pixels(from(n.input, i * channels, narrow), channels, 4, sums, sums + channels, narrow);
    for (; i < last; i++)
      add_pixels(from(n.input, i * channels, narrow), channels, 1, sums, sums + channels, narrow);
  }
}
FOR_BOTH_ELEMENTS(sum_moments)

void cnorm_moments(
    CNormShape shape, CElement element, const void *input, double *sums, float *mean,
    float *variance) {
  Norm context = {.shape = shape, .input = input, .sums = sums};
  cmachine_for_range(
      CNORM_CHUNKS, pixels_of(shape) * shape.channels, &context, FOR_ELEMENT(sum_moments, element));
  add_chunks(sums, 2, shape.channels);
  double count = (double)pixels_of(shape);
  for (long c = 0; c < shape.channels; c++) {
    sums[c] /= count;
    double spread = sums[shape.channels + c] / count - sums[c] * sums[c];
    sums[shape.channels + c] = spread > 0 ? spread : spread == spread ? 0.0 : NAN;
    mean[c] = (float)sums[c];
    variance[c] = (float)sums[shape.channels + c];
  }
}

/// The value of a channel, after dropout; `number` is that of the value.
ALWAYS_INLINE float passed(
    const Norm *n, const void *input, long c, uint32_t number, const int drops, const int narrow) {
  float value = load(input, c, narrow) * n->scale[c] + n->shift[c];
  value = value > 0.0f ? value : n->slope[c] * value;
  return drops ? dropped(n->dropping, value, number) : value;
}

ALWAYS_INLINE void normalize_lines(
    const Norm *n, long start, long end, const int drops, const int window, const int narrow) {
  CNormShape s = n->shape;
  long height = s.height / window, width = s.width / window, channels = s.channels;
  uint32_t pixels = (uint32_t)(s.height * s.width);
  for (long line = start; line < end; line++) {
    long row = line / height, y = line % height * window;
    uint32_t first = (uint32_t)(crow_number(s.numbers, row) * channels) * pixels;
    first += (uint32_t)(y * s.width);
    for (long x = 0; x < width; x++) {
      long at = ((row * s.height + y) * s.width + x * window) * channels;
      const void *restrict input = from(n->input, at, narrow);
      long out = (line * width + x) * channels;
      void *restrict output = into(n->output, out, narrow);
      uint32_t number = first + (uint32_t)(x * window);
      if (window == 1) {
        SHORT_LOOP for (long c = 0; c < channels; c++)
            store(output, c, narrow, passed(n, input, c, number + (uint32_t)c * pixels, drops, narrow));
        continue;
      }
      const void *restrict right = from(input, channels, narrow);
      const void *restrict below = from(input, s.width * channels, narrow);
      const void *restrict across = from(below, channels, narrow);
      uint8_t *restrict places = n->new_places + out;
      uint32_t down = (uint32_t)s.width;
      SHORT_LOOP for (long c = 0; c < channels; c++) {
        uint32_t own = number + (uint32_t)c * pixels;
        float a = passed(n, input, c, own, drops, narrow);
        float b = passed(n, right, c, own + 1, drops, narrow);
        float d = passed(n, below, c, own + down, drops, narrow);
        float e = passed(n, across, c, own + down + 1, drops, narrow);
        // A NaN propagates to the maximum from any position, because comparisons with NaN are false.
        int is_right = b > a || b != b, is_across = e > d || e != e;
        float above = is_right ? b : a, under = is_across ? e : d;
        int is_under = under > above || under != under;
        store(output, c, narrow, is_under ? under : above);
        places[c] = (uint8_t)(is_under ? 2 + is_across : is_right);
      }
    }
  }
}

FOR_EVERY_NORM(normalize, normalize_lines)

void cnorm_forward(
    CNormShape shape, CElement element, CNormWeights weights, const void *input, float *factors,
    void *output, uint8_t *places) {
  set_factors(weights, shape.channels, factors);
  Norm context = {
      .shape = shape, .dropping = dropping_of(shape.rate, shape.key), .input = input,
      .scale = factors, .shift = factors + shape.channels, .slope = weights.slope, .output = output,
      .new_places = places};
  cmachine_for_range(
      shape.rows * (shape.height / shape.window), pixels_of(shape) * shape.channels, &context,
      FOR_ELEMENT(normalize, element));
}
