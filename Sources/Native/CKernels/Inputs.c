#include "CInputs.h"

#include "CMachine.h"

#include <math.h>
#include <stddef.h>

typedef struct {
  CStandard standard;
  const uint8_t *bytes;
  float *values;
} Standard;

static long blocks(CStandard s) { return (s.count + s.period - 1) / s.period; }

static long block_length(CStandard s, long block) {
  long left = s.count - block * s.period;
  return left < s.period ? left : s.period;
}

RANGE_LOOP(standardize_bytes_range) {
  const Standard s = *(const Standard *)context;
  const float *restrict mean = s.standard.mean, *restrict scale = s.standard.scale;
  for (long block = start; block < end; block++) {
    long length = block_length(s.standard, block);
    const uint8_t *restrict x = s.bytes + block * s.standard.period;
    float *restrict y = s.values + block * s.standard.period;
    for (long i = 0; i < length; i++) y[i] = ((float)x[i] - mean[i]) * scale[i];
  }
}

void ckernels_standardize_bytes(CStandard standard, const uint8_t *bytes, float *values) {
  // During training the second thread would otherwise wait for the next layer.
  Standard context = {standard, bytes, values};
  cmachine_for_range(blocks(standard), standard.count, &context, standardize_bytes_range);
}

RANGE_LOOP(standardize_range) {
  const Standard s = *(const Standard *)context;
  const float *restrict mean = s.standard.mean, *restrict scale = s.standard.scale;
  for (long block = start; block < end; block++) {
    long length = block_length(s.standard, block);
    float *restrict y = s.values + block * s.standard.period;
    for (long i = 0; i < length; i++) y[i] = (y[i] - mean[i]) * scale[i];
  }
}

void ckernels_standardize(CStandard standard, float *values) {
  Standard context = {standard, NULL, values};
  cmachine_for_range(blocks(standard), standard.count, &context, standardize_range);
}

typedef struct {
  CImages images;
  CWindow window;
  float *scratch, *values;
} Pictures;

static long values_of(CImages p) { return p.height * p.width * p.channels; }

/// Number of values processed side by side.
#define LANES 16

RANGE_LOOP(stretch_range) {
  const Pictures p = *(const Pictures *)context;
  long size = values_of(p.images);
  for (long row = start; row < end; row++) {
    float *restrict x = p.values + row * size;
    float low[LANES], high[LANES];
    for (long c = 0; c < LANES; c++) low[c] = high[c] = x[0];
    for (long i = 0; i < size; i += LANES) {
      long length = size - i < LANES ? size - i : LANES;
      for (long c = 0; c < length; c++) {
        low[c] = x[i + c] < low[c] ? x[i + c] : low[c];
        high[c] = x[i + c] > high[c] ? x[i + c] : high[c];
      }
    }
    float minimum = low[0], largest = high[0];
    for (long c = 1; c < LANES; c++) {
      minimum = low[c] < minimum ? low[c] : minimum;
      largest = high[c] > largest ? high[c] : largest;
    }
    float range = largest - minimum;
    // The offset is chosen as well, so that a constant image becomes 0 and not -1.
    float offset = range > 0 ? 1.0f : 0.0f;
    range = range > 0 ? range : 1.0f;
    for (long i = 0; i < size; i++) x[i] = 2.0f * ((x[i] - minimum) / range) - offset;
  }
}

void ckernels_stretch(CImages images, float *values) {
  Pictures context = {images, {0, 0, NULL, 0, 0}, NULL, values};
  cmachine_for_range(
      images.rows, images.rows * values_of(images), &context, stretch_range);
}

static long clamped(long index, long count) {
  return index < 0 ? 0 : index < count ? index : count - 1;
}

/// The stride between the rows of a plane: a multiple of the vector length, so that loops have no
/// remainder.
static long stride_of(CImages p) { return (p.width + LANES - 1) / LANES * LANES; }

/// The scratch memory of one image: the plane, the plane filtered along rows, and a row with its
/// border.
static long scratch_of(CImages p, CWindow w) {
  return (2 * p.height + 1) * stride_of(p) + w.taps;
}

long ckernels_local_contrast_scratch(CImages images, CWindow window) {
  return images.rows * scratch_of(images, window);
}

/// Replaces each pixel of a plane by the weighted mean around it.
ALWAYS_INLINE void smooth(
    CImages p, CWindow w, float *restrict plane, float *restrict along, float *restrict line) {
  const float *restrict weights = w.weights;
  long stride = stride_of(p);
  for (long y = 0; y < p.height; y++) {
    const float *restrict row = plane + y * stride;
    for (long i = 0; i < stride + w.taps; i++) line[i] = row[clamped(i - w.before, p.width)];
    for (long x = 0; x < stride; x += LANES) {
      float sums[LANES] = {0};
      for (long k = 0; k < w.taps; k++)
        for (long c = 0; c < LANES; c++) sums[c] += weights[k] * line[x + k + c];
      for (long c = 0; c < LANES; c++) along[y * stride + x + c] = sums[c];
    }
  }
  for (long y = 0; y < p.height; y++)
    for (long x = 0; x < stride; x += LANES) {
      float sums[LANES] = {0};
      for (long k = 0; k < w.taps; k++) {
        const float *restrict row = along + clamped(y + k - w.before, p.height) * stride + x;
        for (long c = 0; c < LANES; c++) sums[c] += weights[k] * row[c];
      }
      for (long c = 0; c < LANES; c++) plane[y * stride + x + c] = sums[c];
    }
}

ALWAYS_INLINE void contrast_picture(
    CImages p, CWindow w, long channels, float *restrict values, float *restrict plane) {
  long stride = stride_of(p), line = p.width * channels;
  float *along = plane + p.height * stride, *border = along + p.height * stride;
  float scale = 1.0f / (float)channels;
  for (long y = 0; y < p.height; y++)
    for (long x = 0; x < p.width; x++) {
      float sum = 0;
      for (long c = 0; c < channels; c++) sum += values[y * line + x * channels + c];
      plane[y * stride + x] = sum * scale;
    }
  smooth(p, w, plane, along, border);
  for (long y = 0; y < p.height; y++)
    for (long x = 0; x < p.width; x++)
      for (long c = 0; c < channels; c++) values[y * line + x * channels + c] -= plane[y * stride + x];
  if (!w.divides) return;
  for (long y = 0; y < p.height; y++)
    for (long x = 0; x < p.width; x++) {
      float sum = 0;
      for (long c = 0; c < channels; c++) {
        float value = values[y * line + x * channels + c];
        sum += value * value;
      }
      plane[y * stride + x] = sum * scale;
    }
  smooth(p, w, plane, along, border);
  for (long y = 0; y < p.height; y++) {
    float *restrict factors = plane + y * stride;
    for (long x = 0; x < p.width; x++) factors[x] = 1.0f / (sqrtf(factors[x]) + w.epsilon);
    for (long x = 0; x < p.width; x++)
      for (long c = 0; c < channels; c++) values[y * line + x * channels + c] *= factors[x];
  }
}

RANGE_LOOP(contrast_range) {
  const Pictures p = *(const Pictures *)context;
  for (long row = start; row < end; row++) {
    float *values = p.values + row * values_of(p.images);
    float *scratch = p.scratch + row * scratch_of(p.images, p.window);
    // The compiler unrolls loops over a constant number of channels.
    if (p.images.channels == 1)
      contrast_picture(p.images, p.window, 1, values, scratch);
    else if (p.images.channels == 3)
      contrast_picture(p.images, p.window, 3, values, scratch);
    else
      contrast_picture(p.images, p.window, p.images.channels, values, scratch);
  }
}

void ckernels_local_contrast(CImages images, CWindow window, float *scratch, float *values) {
  Pictures context = {images, window, scratch, values};
  cmachine_for_range(
      images.rows, images.rows * values_of(images), &context, contrast_range);
}
