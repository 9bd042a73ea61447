#ifndef CAUGMENTATION_H
#define CAUGMENTATION_H

#include <stdint.h>

// Pictures resampled under affine maps, spread over the threads oneDNN uses. No result depends on how
// many threads there are.

/// Pictures [rows, height, width, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  int replicates;  // 0: the picture is mirrored beyond its border, about the outermost pixels
} CWarpShape;

/// What becomes of one picture. Pixel (x, y) shows what lies at (a x + b y + c, d x + e y + f),
/// counted in pixels from the middle of the one at the top left; its value is gain v + offset.
typedef struct {
  double a, b, c, d, e, f;
  float gain;
  float offset;
} CWarp;

/// Bilinear; places are rounded to a 2^20th of a pixel, so that whole pixels stay as they are.
void ckernels_warp(CWarpShape shape, const CWarp *warps, const uint8_t *bytes, float *values);

#endif
