#include "Elements.h"

typedef struct {
  CPoolShape shape;
  const void *input;  // or, in the backward pass of a mean, the gradient of the output
  const void *output;
  void *output_gradient, *target;
} Pool;

/// Computes rows of the output; `start..<end` counts them over all images.
LOOP pool_lines(const void *context, long start, long end, const int narrow) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  for (long row = start; row < end; row++) {
    long top = (row / height * s.height + row % height * s.window) * line;
    for (long x = 0; x < width; x++) {
      long corner = top + x * s.window * s.channels;
      const void *restrict input = from(pool->input, corner, narrow);
      void *restrict largest = into(pool->target, (row * width + x) * s.channels, narrow);
      if (s.window == 2) {
        SHORT_LOOP for (long c = 0; c < s.channels; c++) {
          float a = load(input, c, narrow), b = load(input, s.channels + c, narrow);
          float d = load(input, line + c, narrow), e = load(input, line + s.channels + c, narrow);
          // A NaN propagates to the maximum from any position, because comparisons with NaN are
          // false.
          float above = b > a || b != b ? b : a, below = e > d || e != e ? e : d;
          store(largest, c, narrow, below > above || below != below ? below : above);
        }
        continue;
      }
      SHORT_LOOP for (long c = 0; c < s.channels; c++)
          store(largest, c, narrow, load(input, c, narrow));
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          const void *restrict values = from(input, i * line + j * s.channels, narrow);
          SHORT_LOOP for (long c = 0; c < s.channels; c++) {
            float value = load(values, c, narrow), maximum = load(largest, c, narrow);
            store(largest, c, narrow, value > maximum || value != value ? value : maximum);
          }
        }
    }
  }
}
FOR_BOTH_ELEMENTS(pool_lines)

void ckernels_max_pool(CPoolShape shape, CElement element, const void *input, void *output) {
  Pool pool = {shape, input, NULL, NULL, output};
  cmachine_for_range(
      shape.rows * (shape.height / shape.window), shape.rows * shape.height * shape.width, &pool,
      FOR_ELEMENT(pool_lines, element));
}

LOOP clear_rest(const Pool *pool, long start, long end, const int narrow) {
  CPoolShape s = pool->shape;
  long image = s.height * s.width * s.channels;
  if (s.height % s.window != 0 || s.width % s.window != 0)
    memset(
        into(pool->target, start * image, narrow), 0,
        (size_t)((end - start) * image) * (narrow ? 2 : 4));
}

LOOP pool_back(const void *context, long start, long end, const int narrow) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  long image = s.height * line;
  clear_rest(pool, start, end, narrow);
  for (long row = start * height; row < end * height; row++) {
    long top = row / height * image + row % height * s.window * line;
    for (long x = 0; x < width; x++) {
      long at = (row * width + x) * s.channels;
      const void *restrict largest = from(pool->output, at, narrow);
      void *restrict left = into(pool->output_gradient, at, narrow);
      if (s.over_relu) {
        SHORT_LOOP for (long c = 0; c < s.channels; c++) {
          float gradient = load(left, c, narrow);
          store(left, c, narrow, load(largest, c, narrow) > 0.0f ? gradient : 0.0f);
        }
      }
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          long place = top + i * line + (x * s.window + j) * s.channels;
          const void *restrict values = from(pool->input, place, narrow);
          void *restrict target = into(pool->target, place, narrow);
          SHORT_LOOP for (long c = 0; c < s.channels; c++) {
            int first = load(values, c, narrow) == load(largest, c, narrow);
            float gradient = load(left, c, narrow);
            store(target, c, narrow, first ? gradient : 0.0f);
            store(left, c, narrow, first ? 0.0f : gradient);
          }
        }
    }
  }
}
FOR_BOTH_ELEMENTS(pool_back)

void ckernels_max_pool_backward(
    CPoolShape shape, CElement element, const void *input, const void *output,
    void *output_gradient, void *input_gradient) {
  Pool pool = {shape, input, output, output_gradient, input_gradient};
  cmachine_for_range(
      shape.rows, shape.rows * shape.height * shape.width, &pool,
      FOR_ELEMENT(pool_back, element));
}

LOOP average_lines(const void *context, long start, long end, const int narrow) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  double scale = 1.0 / (double)(s.window * s.window);
  for (long row = start; row < end; row++) {
    long top = (row / height * s.height + row % height * s.window) * line;
    for (long x = 0; x < width; x++) {
      const void *restrict input = from(pool->input, top + x * s.window * s.channels, narrow);
      void *restrict mean = into(pool->target, (row * width + x) * s.channels, narrow);
      for (long c = 0; c < s.channels; c++) {
        double sum = 0.0;
        for (long i = 0; i < s.window; i++)
          for (long j = 0; j < s.window; j++)
            sum += (double)load(input, i * line + j * s.channels + c, narrow);
        store(mean, c, narrow, (float)(sum * scale));
      }
    }
  }
}
FOR_BOTH_ELEMENTS(average_lines)

void ckernels_average_pool(CPoolShape shape, CElement element, const void *input, void *output) {
  Pool pool = {shape, input, NULL, NULL, output};
  cmachine_for_range(
      shape.rows * (shape.height / shape.window), shape.rows * shape.height * shape.width, &pool,
      FOR_ELEMENT(average_lines, element));
}

LOOP average_back(const void *context, long start, long end, const int narrow) {
  const Pool *pool = context;
  CPoolShape s = pool->shape;
  long height = s.height / s.window, width = s.width / s.window, line = s.width * s.channels;
  float scale = 1.0f / (float)(s.window * s.window);
  clear_rest(pool, start, end, narrow);
  for (long row = start * height; row < end * height; row++)
    for (long x = 0; x < width; x++) {
      const void *restrict gradient = from(pool->input, (row * width + x) * s.channels, narrow);
      for (long i = 0; i < s.window; i++)
        for (long j = 0; j < s.window; j++) {
          void *restrict target = into(
              pool->target,
              row / height * s.height * line + (row % height * s.window + i) * line +
                  (x * s.window + j) * s.channels,
              narrow);
          SHORT_LOOP for (long c = 0; c < s.channels; c++)
              store(target, c, narrow, load(gradient, c, narrow) * scale);
        }
    }
}
FOR_BOTH_ELEMENTS(average_back)

void ckernels_average_pool_backward(
    CPoolShape shape, CElement element, const void *output_gradient, void *input_gradient) {
  Pool pool = {shape, output_gradient, NULL, NULL, input_gradient};
  cmachine_for_range(
      shape.rows, shape.rows * shape.height * shape.width, &pool,
      FOR_ELEMENT(average_back, element));
}
