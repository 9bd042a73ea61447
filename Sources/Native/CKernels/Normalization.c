#include "NormalizationPlan.h"

/// The sums of x - pivot and of its square.
LOOP sum_moments(const void *context, long start, long end, const int narrow) {
  const Norm n = *(const Norm *)context;
  long channels = n.shape.channels, count = pixels_of(n.shape);
  for (long chunk = start; chunk < end; chunk++) {
    double *restrict sums = n.sums + 3 * chunk * channels;
    memset(sums, 0, (size_t)(2 * channels) * sizeof(double));
    long last = count * (chunk + 1) / CNORM_CHUNKS;
    for (long first = count * chunk / CNORM_CHUNKS; first < last; first += RUN)
      for (long tile = 0; tile < channels; tile += TILE) {
        long wide = smaller(TILE, channels - tile);
        float values[TILE] = {0}, squares[TILE] = {0};
        for (long i = first; i < smaller(first + RUN, last); i++) {
          const void *restrict input = from(n.input, i * channels + tile, narrow);
          const float *restrict pivot = n.pivot + tile;
          SHORT_LOOP for (long c = 0; c < wide; c++) {
            float x = load(input, c, narrow) - pivot[c];
            values[c] += x;
            squares[c] += x * x;
          }
        }
        for (long c = 0; c < wide; c++) {
          sums[tile + c] += (double)values[c];
          sums[channels + tile + c] += (double)squares[c];
        }
      }
  }
}
FOR_BOTH_ELEMENTS(sum_moments)

void cnorm_moments(
    CNormShape shape, CElement element, const void *input, double *sums, float *mean,
    float *variance) {
  // Sums of the distances from about the mean lose fewer digits: the mean of some pixels.
  long some = smaller(pixels_of(shape), 64);
  for (long c = 0; c < shape.channels; c++) {
    double sum = 0;
    for (long i = 0; i < some; i++)
      sum += load(
          input, pixels_of(shape) * i / some * shape.channels + c, element == CELEMENT_BFLOAT16);
    mean[c] = (float)(sum / (double)some);
  }
  Norm context = {.shape = shape, .input = input, .pivot = mean, .sums = sums};
  cmachine_for_range(
      CNORM_CHUNKS, pixels_of(shape) * shape.channels, &context, FOR_ELEMENT(sum_moments, element));
  add_chunks(sums, 2, shape.channels);
  double count = (double)pixels_of(shape);
  for (long c = 0; c < shape.channels; c++) {
    double distance = sums[c] / count;
    double spread = sums[shape.channels + c] / count - distance * distance;
    mean[c] = (float)(mean[c] + distance);
    variance[c] = spread > 0 ? (float)spread : spread == spread ? 0.0f : NAN;
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
