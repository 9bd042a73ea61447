#include "CGeometry.h"
#include "Elements.h"

typedef struct {
  CImageShape shape;
  long size;  // of a border or a window
  const float *input, *gradient;
  float *output;
} Images;

static long values_of(CImageShape s) { return s.rows * s.height * s.width * s.channels; }

/// Runs a loop over rows.
static void for_rows(const Images *images, CRangeBody body) {
  cmachine_for_range(images->shape.rows, values_of(images->shape), images, body);
}

typedef struct {
  const char *input;
  char *output;
} Copy;

static void copy_range(const void *context, long start, long end) {
  const Copy *c = context;
  memcpy(c->output + start, c->input + start, (size_t)(end - start));
}

void cgeometry_copy(long bytes, const void *input, void *output) {
  Copy context = {input, output};
  cmachine_for_range(bytes, bytes / 4, &context, copy_range);
}

typedef struct {
  CImageShape shape;
  int to_planes, narrow_input, narrow_output;
  const void *input;
  void *output;
} Reordering;

RANGE_LOOP(reorder_rows) {
  const Reordering *r = context;
  long pixels = r->shape.height * r->shape.width, channels = r->shape.channels;
  for (long row = start; row < end; row++)
    for (long c = 0; c < channels; c++)
      for (long pixel = 0; pixel < pixels; pixel++) {
        long plane = (row * channels + c) * pixels + pixel, other = (row * pixels + pixel) * channels + c;
        float value = load(r->input, r->to_planes ? other : plane, r->narrow_input);
        store(r->output, r->to_planes ? plane : other, r->narrow_output, value);
      }
}

void cgeometry_reorder(
    CImageShape shape, int to_planes, CElement input_element, const void *input,
    CElement output_element, void *output) {
  Reordering context = {
      shape, to_planes, input_element == CELEMENT_BFLOAT16, output_element == CELEMENT_BFLOAT16, input,
      output};
  cmachine_for_range(shape.rows, values_of(shape), &context, reorder_rows);
}

// A border of mirrored pixels.

ALWAYS_INLINE long mirrored(long place, long size, long length) {
  long distance = place < size ? size - place : place - size;
  return distance < length ? distance : 2 * (length - 1) - distance;
}

RANGE_LOOP(pad_rows) {
  const Images i = *(const Images *)context;
  CImageShape s = i.shape;
  long height = s.height + 2 * i.size, width = s.width + 2 * i.size;
  for (long line = start * height; line < end * height; line++) {
    long row = line / height, y = mirrored(line % height, i.size, s.height);
    const float *from = i.input + (row * s.height + y) * s.width * s.channels;
    float *to = i.output + line * width * s.channels;
    for (long x = 0; x < width; x++) {
      const float *restrict pixel = from + mirrored(x, i.size, s.width) * s.channels;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) to[x * s.channels + c] = pixel[c];
    }
  }
}

void cgeometry_pad(CImageShape shape, long size, const float *input, float *output) {
  Images context = {shape, size, input, NULL, output};
  for_rows(&context, pad_rows);
}

RANGE_LOOP(unpad_rows) {
  const Images i = *(const Images *)context;
  CImageShape s = i.shape;
  long height = s.height + 2 * i.size, width = s.width + 2 * i.size, image = s.height * s.width * s.channels;
  memset(i.output + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long line = start * height; line < end * height; line++) {
    long row = line / height, y = mirrored(line % height, i.size, s.height);
    float *to = i.output + (row * s.height + y) * s.width * s.channels;
    const float *from = i.gradient + line * width * s.channels;
    for (long x = 0; x < width; x++) {
      float *restrict pixel = to + mirrored(x, i.size, s.width) * s.channels;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) pixel[c] += from[x * s.channels + c];
    }
  }
}

void cgeometry_pad_backward(
    CImageShape shape, long size, const float *output_gradient, float *input_gradient) {
  Images context = {shape, size, NULL, output_gradient, input_gradient};
  for_rows(&context, unpad_rows);
}

// A pool over channels and rows.

/// The position of the first maximum of a window, or of a NaN.
ALWAYS_INLINE long largest(Images i, long row, long y, long x, long channel) {
  CImageShape s = i.shape;
  long best = -1;
  for (long c = channel * i.size; c < (channel + 1) * i.size; c++)
    for (long line = y * i.size; line < (y + 1) * i.size; line++) {
      long place = ((row * s.height + line) * s.width + x) * s.channels + c;
      float value = i.input[place];
      if (best < 0 || value > i.input[best] || value != value) best = place;
    }
  return best;
}

ALWAYS_INLINE void pool_channel_rows(const void *context, long start, long end, const int backward) {
  const Images i = *(const Images *)context;
  CImageShape s = i.shape;
  long height = s.height / i.size, channels = s.channels / i.size, image = s.height * s.width * s.channels;
  if (backward)
    memset(i.output + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long row = start; row < end; row++)
    for (long y = 0; y < height; y++)
      for (long x = 0; x < s.width; x++)
        for (long channel = 0; channel < channels; channel++) {
          long out = ((row * height + y) * s.width + x) * channels + channel;
          long place = largest(i, row, y, x, channel);
          if (backward)
            i.output[place] += i.gradient[out];
          else
            i.output[out] = i.input[place];
        }
}
RANGE_LOOP(pool_channels) { pool_channel_rows(context, start, end, 0); }
RANGE_LOOP(pool_channels_back) { pool_channel_rows(context, start, end, 1); }

void cgeometry_pool_channels(CImageShape shape, long window, const float *input, float *output) {
  Images context = {shape, window, input, NULL, output};
  for_rows(&context, pool_channels);
}

void cgeometry_pool_channels_backward(
    CImageShape shape, long window, const float *input, const float *output_gradient,
    float *input_gradient) {
  Images context = {shape, window, input, output_gradient, input_gradient};
  for_rows(&context, pool_channels_back);
}

// The mean over pixels. Runs of pixels are summed in 32 bits, and the runs in 64.

enum { TILE = 64, RUN = 32 };

RANGE_LOOP(mean_rows) {
  const Images i = *(const Images *)context;
  CImageShape s = i.shape;
  double scale = 1.0 / (double)(s.height * s.width);
  for (long row = start; row < end; row++) {
    long pixels = s.height * s.width;
    for (long first = 0; first < s.channels; first += TILE) {
      long tile = first + TILE < s.channels ? TILE : s.channels - first;
      double sums[TILE] = {0.0};
      for (long begin = 0; begin < pixels; begin += RUN) {
        float run[TILE] = {0.0f};
        for (long pixel = begin; pixel < begin + RUN && pixel < pixels; pixel++) {
          const float *restrict values = i.input + (row * pixels + pixel) * s.channels + first;
          SHORT_LOOP for (long c = 0; c < tile; c++) run[c] += values[c];
        }
        for (long c = 0; c < tile; c++) sums[c] += (double)run[c];
      }
      float *restrict output = i.output + row * s.channels + first;
      for (long c = 0; c < tile; c++) output[c] = (float)(sums[c] * scale);
    }
  }
}

void cgeometry_mean(CImageShape shape, const float *input, float *output) {
  Images context = {shape, 0, input, NULL, output};
  for_rows(&context, mean_rows);
}

RANGE_LOOP(spread_rows) {
  const Images i = *(const Images *)context;
  CImageShape s = i.shape;
  float scale = 1.0f / (float)(s.height * s.width);
  for (long row = start; row < end; row++)
    for (long pixel = 0; pixel < s.height * s.width; pixel++) {
      const float *restrict values = i.gradient + row * s.channels;
      float *restrict target = i.output + (row * s.height * s.width + pixel) * s.channels;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) target[c] = scale * values[c];
    }
}

void cgeometry_mean_backward(CImageShape shape, const float *output_gradient, float *input_gradient) {
  Images context = {shape, 0, NULL, output_gradient, input_gradient};
  for_rows(&context, spread_rows);
}

// A scale for each channel of a row.

typedef struct {
  CImageShape shape;
  const float *input, *scales, *output_gradient;
  float *output, *scale_gradient, *input_gradient;
} Scaling;

RANGE_LOOP(scale_rows) {
  const Scaling i = *(const Scaling *)context;
  CImageShape s = i.shape;
  for (long row = start; row < end; row++)
    for (long pixel = 0; pixel < s.height * s.width; pixel++) {
      long at = (row * s.height * s.width + pixel) * s.channels;
      const float *restrict values = i.input + at, *restrict scales = i.scales + row * s.channels;
      float *restrict output = i.output + at;
      SHORT_LOOP for (long c = 0; c < s.channels; c++) output[c] = values[c] * scales[c];
    }
}

void cgeometry_scale(CImageShape shape, const float *input, const float *scales, float *output) {
  Scaling context = {shape, input, scales, NULL, output, NULL, NULL};
  cmachine_for_range(
      shape.rows, shape.rows * shape.height * shape.width * shape.channels, &context, scale_rows);
}

RANGE_LOOP(scale_rows_backward) {
  const Scaling i = *(const Scaling *)context;
  CImageShape s = i.shape;
  for (long row = start; row < end; row++) {
    long pixels = s.height * s.width;
    for (long first = 0; first < s.channels; first += TILE) {
      long tile = first + TILE < s.channels ? TILE : s.channels - first;
      const float *restrict scales = i.scales + row * s.channels + first;
      double sums[TILE] = {0.0};
      for (long begin = 0; begin < pixels; begin += RUN) {
        float run[TILE] = {0.0f};
        for (long pixel = begin; pixel < begin + RUN && pixel < pixels; pixel++) {
          long at = (row * pixels + pixel) * s.channels + first;
          const float *restrict values = i.input + at, *restrict gradient = i.output_gradient + at;
          SHORT_LOOP for (long c = 0; c < tile; c++) run[c] += values[c] * gradient[c];
          if (i.input_gradient == NULL) continue;
          float *restrict target = i.input_gradient + at;
          SHORT_LOOP for (long c = 0; c < tile; c++) target[c] = gradient[c] * scales[c];
        }
        for (long c = 0; c < tile; c++) sums[c] += (double)run[c];
      }
      float *restrict output = i.scale_gradient + row * s.channels + first;
      for (long c = 0; c < tile; c++) output[c] = (float)sums[c];
    }
  }
}

void cgeometry_scale_backward(
    CImageShape shape, const float *input, const float *scales, const float *output_gradient,
    float *scale_gradient, float *input_gradient) {
  Scaling context = {shape, input, scales, output_gradient, NULL, scale_gradient, input_gradient};
  cmachine_for_range(
      shape.rows, shape.rows * shape.height * shape.width * shape.channels, &context,
      scale_rows_backward);
}
