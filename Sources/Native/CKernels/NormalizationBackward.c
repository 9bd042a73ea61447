#include "NormalizationPlan.h"

/// What the gradient of an output passes on: to the normalised value, and to the slope.
typedef struct {
  float x, value, gradient, of_slope;
} Share;

/// The share of a channel whose output came from the pixel `place` of its window.
ALWAYS_INLINE Share share_of(
    const Norm *n, const void *input, long c, float gradient, int place, uint32_t number,
    const int drops, const int window, const int narrow) {
  CNormShape s = n->shape;
  Share share;
  share.x = load(input, c, narrow);
  if (window == 2) {
    float b = load(input, s.channels + c, narrow), d = load(input, s.width * s.channels + c, narrow);
    float e = load(input, (s.width + 1) * s.channels + c, narrow);
    share.x = place == 0 ? share.x : place == 1 ? b : place == 2 ? d : e;
    if (drops) number += (uint32_t)(place & 1) + (place > 1 ? (uint32_t)s.width : 0u);
  }
  if (drops) gradient = dropped(n->dropping, gradient, number);
  float value = share.x * n->scale[c] + n->shift[c];
  share.gradient = value > 0.0f ? gradient : gradient * n->slope[c];
  share.of_slope = value > 0.0f ? 0.0f : gradient * value;
  return share;
}

ALWAYS_INLINE void sum_lines(
    const Norm *n, long start, long end, const int drops, const int window, const int narrow) {
  CNormShape s = n->shape;
  long height = s.height / window, width = s.width / window, channels = s.channels;
  uint32_t pixels = (uint32_t)(s.height * s.width);
  for (long chunk = start; chunk < end; chunk++) {
    double *restrict sums = n->sums + 3 * chunk * channels;
    memset(sums, 0, (size_t)(3 * channels) * sizeof(double));
    // Lines of all rows, cut into runs of pixels.
    long runs = (width + RUN - 1) / RUN, all = s.rows * height * runs;
    for (long run = all * chunk / CNORM_CHUNKS; run < all * (chunk + 1) / CNORM_CHUNKS; run++) {
      long line = run / runs, row = line / height, y = line % height * window;
      long begin = run % runs * RUN, finish = smaller(begin + RUN, width);
      uint32_t first = (uint32_t)(crow_number(s.numbers, row) * channels) * pixels;
      for (long tile = 0; tile < channels; tile += TILE) {
        long wide = smaller(TILE, channels - tile);
        float totals[TILE] = {0}, products[TILE] = {0}, slopes[TILE] = {0};
        for (long x = begin; x < finish; x++) {
          long at = ((row * s.height + y) * s.width + x * window) * channels;
          long out = (line * width + x) * channels;
          const void *restrict input = from(n->input, at, narrow);
          const void *restrict gradients = from(n->output_gradient, out, narrow);
          const uint8_t *restrict places = window == 2 ? n->places + out : NULL;
          uint32_t number = first + (uint32_t)(y * s.width + x * window);
          SHORT_LOOP for (long c = tile; c < tile + wide; c++) {
            Share share = share_of(
                n, input, c, load(gradients, c, narrow), window == 2 ? places[c] : 0,
                number + (uint32_t)c * pixels, drops, window, narrow);
            totals[c - tile] += share.gradient;
            products[c - tile] += share.gradient * (share.x - n->mean[c]);
            slopes[c - tile] += share.of_slope;
          }
        }
        for (long c = 0; c < wide; c++) {
          sums[tile + c] += (double)totals[c];
          sums[channels + tile + c] += (double)products[c];
          sums[2 * channels + tile + c] += (double)slopes[c];
        }
      }
    }
  }
}

FOR_EVERY_NORM(sum_gradients, sum_lines)

/// The gradient of an input: factor g - gain (x - mean) - offset, with one value of each per channel.
ALWAYS_INLINE float input_gradient_of(const Norm *n, long c, float x, float gradient) {
  return gradient * n->factor[c] - (x - n->mean[c]) * n->gain[c] - n->offset[c];
}

/// Pixels that no window covers.
ALWAYS_INLINE void pass_uncovered(const Norm *n, long first, long count, const int narrow) {
  long channels = n->shape.channels;
  for (long i = first; i < first + count; i++) {
    const void *restrict input = from(n->input, i * channels, narrow);
    void *restrict target = into(n->output, i * channels, narrow);
    SHORT_LOOP for (long c = 0; c < channels; c++)
        store(target, c, narrow, input_gradient_of(n, c, load(input, c, narrow), 0.0f));
  }
}

ALWAYS_INLINE void pass_lines(
    const Norm *n, long start, long end, const int drops, const int window, const int narrow) {
  CNormShape s = n->shape;
  long height = s.height / window, width = s.width / window, channels = s.channels;
  uint32_t pixels = (uint32_t)(s.height * s.width);
  for (long line = start; line < end; line++) {
    long row = line / height, y = line % height * window, top = (row * s.height + y) * s.width;
    uint32_t first = (uint32_t)(crow_number(s.numbers, row) * channels) * pixels;
    for (long x = 0; x < width; x++) {
      long at = (top + x * window) * channels, out = (line * width + x) * channels;
      const void *restrict input = from(n->input, at, narrow);
      const void *restrict gradients = from(n->output_gradient, out, narrow);
      const uint8_t *restrict places = window == 2 ? n->places + out : NULL;
      void *restrict target = into(n->output, at, narrow);
      uint32_t number = first + (uint32_t)(y * s.width + x * window);
      SHORT_LOOP for (long c = 0; c < channels; c++) {
        int place = window == 2 ? places[c] : 0;
        Share share = share_of(
            n, input, c, load(gradients, c, narrow), place, number + (uint32_t)c * pixels, drops,
            window, narrow);
        for (int i = 0; i < window * window; i++) {
          long other = (i % 2 + i / 2 * s.width) * channels + c;
          store(
              target, other, narrow,
              input_gradient_of(n, c, load(input, other, narrow), place == i ? share.gradient : 0.0f));
        }
      }
    }
    if (window == 1) continue;
    if (s.width % 2 != 0)
      for (long below = 0; below < 2; below++)
        pass_uncovered(n, top + below * s.width + s.width - 1, 1, narrow);
    if (s.height % 2 != 0 && y == s.height - 3) pass_uncovered(n, top + 2 * s.width, s.width, narrow);
  }
}

FOR_EVERY_NORM(pass_gradients, pass_lines)

static Norm backward_of(
    CNormShape shape, CNormWeights weights, const void *input, const uint8_t *places,
    const void *output_gradient, float *factors) {
  long channels = shape.channels;
  float *forward = factors + 3 * channels;
  set_factors(weights, channels, forward);
  return (Norm){
      .shape = shape, .dropping = dropping_of(shape.rate, shape.key), .input = input,
      .output_gradient = output_gradient, .scale = forward, .shift = forward + channels,
      .slope = weights.slope, .mean = weights.mean, .factor = factors, .gain = factors + channels,
      .offset = factors + 2 * channels, .places = places};
}

static inline double inverse_deviation(CNormWeights weights, long c) {
  return 1 / sqrt((double)weights.variance[c] + (double)weights.epsilon);
}

void cnorm_backward_weights(
    CNormShape shape, CElement element, CNormWeights weights, const void *input,
    const uint8_t *places, const void *output_gradient, double *sums, float *factors,
    CNormGradients gradients) {
  long channels = shape.channels;
  Norm context = backward_of(shape, weights, input, places, output_gradient, factors);
  context.sums = sums;
  cmachine_for_range(
      CNORM_CHUNKS, pixels_of(shape) * channels, &context, FOR_ELEMENT(sum_gradients, element));
  add_chunks(sums, 3, channels);
  for (long c = 0; c < channels; c++) {
    gradients.gamma[c] = (float)(sums[channels + c] * inverse_deviation(weights, c));
    gradients.beta[c] = (float)sums[c];
    if (gradients.slope != NULL) gradients.slope[c] = (float)sums[2 * channels + c];
  }
}

void cnorm_backward_input(
    CNormShape shape, CElement element, CNormWeights weights, const void *input,
    const uint8_t *places, const void *output_gradient, const double *totals, double count,
    float *factors, void *input_gradient) {
  long channels = shape.channels;
  Norm context = backward_of(shape, weights, input, places, output_gradient, factors);
  context.output = input_gradient;
  for (long c = 0; c < channels; c++) {
    double inverse = inverse_deviation(weights, c), scale = weights.gamma[c] * inverse;
    factors[c] = (float)scale;
    factors[channels + c] = (float)(scale * inverse * inverse * totals[channels + c] / count);
    factors[2 * channels + c] = (float)(scale * totals[c] / count);
  }
  cmachine_for_range(
      shape.rows * (shape.height / shape.window), pixels_of(shape) * channels, &context,
      FOR_ELEMENT(pass_gradients, element));
}
