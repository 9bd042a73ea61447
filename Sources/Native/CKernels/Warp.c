#include "CGeometry.h"
#include "Elements.h"

#include <math.h>

typedef struct {
  CImageShape shape;
  long height, width;
  const float *theta, *input, *gradient;
  float *output, *theta_gradient;
} Warp;

/// A source coordinate: its two neighbours, the weight of the second, and whether it changes with theta;
/// it does not if it is clamped at the border.
typedef struct {
  long low, high;
  float fraction;
  int moves;
} Coordinate;

ALWAYS_INLINE Coordinate coordinate_of(float value, long size) {
  float wanted = (value + 1.0f) / 2.0f * (float)(size - 1);
  // A network that has diverged reads the corner; NaN remains in the weights of the interpolation.
  if (!isfinite(wanted)) return (Coordinate){0, 0, wanted, 0};
  float held = wanted < 0.0f ? 0.0f : wanted > (float)(size - 1) ? (float)(size - 1) : wanted;
  long low = (long)held < size - 1 ? (long)held : size - 1;
  return (Coordinate){low, low + 1 < size - 1 ? low + 1 : size - 1, held - (float)low, held == wanted};
}

/// A target pixel: its coordinates in -1...1 and where it is read from.
typedef struct {
  float u, v;
  Coordinate across, down;
  long above_left, above_right, below_left, below_right;
} Reading;

ALWAYS_INLINE Reading reading_of(const Warp *w, long row, long y, long x) {
  CImageShape s = w->shape;
  const float *theta = w->theta + 6 * row;
  Reading r;
  r.u = -1.0f + 2.0f * (float)x / (float)(w->width - 1);
  r.v = -1.0f + 2.0f * (float)y / (float)(w->height - 1);
  r.across = coordinate_of(theta[0] * r.u + theta[1] * r.v + theta[2], s.width);
  r.down = coordinate_of(theta[3] * r.u + theta[4] * r.v + theta[5], s.height);
  long above = (row * s.height + r.down.low) * s.width, below = (row * s.height + r.down.high) * s.width;
  r.above_left = (above + r.across.low) * s.channels;
  r.above_right = (above + r.across.high) * s.channels;
  r.below_left = (below + r.across.low) * s.channels;
  r.below_right = (below + r.across.high) * s.channels;
  return r;
}

RANGE_LOOP(warp_rows) {
  const Warp *w = context;
  long channels = w->shape.channels;
  for (long row = start; row < end; row++)
    for (long y = 0; y < w->height; y++)
      for (long x = 0; x < w->width; x++) {
        Reading r = reading_of(w, row, y, x);
        float across = r.across.fraction, down = r.down.fraction;
        float *output = w->output + ((row * w->height + y) * w->width + x) * channels;
        for (long c = 0; c < channels; c++) {
          float above =
              w->input[r.above_left + c] * (1.0f - across) + w->input[r.above_right + c] * across;
          float below =
              w->input[r.below_left + c] * (1.0f - across) + w->input[r.below_right + c] * across;
          output[c] = above * (1.0f - down) + below * down;
        }
      }
}

void cgeometry_warp(
    CImageShape shape, long height, long width, const float *theta, const float *input, float *output) {
  Warp context = {shape, height, width, theta, input, NULL, output, NULL};
  cmachine_for_range(
      shape.rows, shape.rows * height * width * shape.channels, &context, warp_rows);
}

/// The gradients of one target pixel: those of theta are added to `sums`.
ALWAYS_INLINE void warp_pixel_back(const Warp *w, Reading r, const float *gradients, float *sums) {
  float across = r.across.fraction, down = r.down.fraction, of_across = 0.0f, of_down = 0.0f;
  for (long c = 0; c < w->shape.channels; c++) {
    float g = gradients[c];
    float a = w->input[r.above_left + c], b = w->input[r.above_right + c];
    float d = w->input[r.below_left + c], e = w->input[r.below_right + c];
    of_across += g * ((b - a) * (1.0f - down) + (e - d) * down);
    of_down += g * ((d - a) * (1.0f - across) + (e - b) * across);
    if (w->output == NULL) continue;
    w->output[r.above_left + c] += g * (1.0f - across) * (1.0f - down);
    w->output[r.above_right + c] += g * across * (1.0f - down);
    w->output[r.below_left + c] += g * (1.0f - across) * down;
    w->output[r.below_right + c] += g * across * down;
  }
  of_across = r.across.moves ? of_across * (float)(w->shape.width - 1) / 2.0f : 0.0f;
  of_down = r.down.moves ? of_down * (float)(w->shape.height - 1) / 2.0f : 0.0f;
  const float coordinates[3] = {r.u, r.v, 1.0f};
  for (int i = 0; i < 3; i++) {
    sums[i] += of_across * coordinates[i];
    sums[3 + i] += of_down * coordinates[i];
  }
}

RANGE_LOOP(warp_rows_back) {
  const Warp *w = context;
  CImageShape s = w->shape;
  long image = s.height * s.width * s.channels;
  if (w->output != NULL)
    memset(w->output + start * image, 0, (size_t)((end - start) * image) * sizeof(float));
  for (long row = start; row < end; row++) {
    float *sums = w->theta_gradient + 6 * row;
    memset(sums, 0, 6 * sizeof(float));
    for (long y = 0; y < w->height; y++)
      for (long x = 0; x < w->width; x++)
        warp_pixel_back(
            w, reading_of(w, row, y, x),
            w->gradient + ((row * w->height + y) * w->width + x) * s.channels, sums);
  }
}

void cgeometry_warp_backward(
    CImageShape shape, long height, long width, const float *theta, const float *input,
    const float *output_gradient, float *theta_gradient, float *input_gradient) {
  Warp context = {
      shape, height, width, theta, input, output_gradient, input_gradient, theta_gradient};
  cmachine_for_range(
      shape.rows, shape.rows * height * width * shape.channels, &context, warp_rows_back);
}
