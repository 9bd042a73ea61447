#ifndef CAUGMENTATION_H
#define CAUGMENTATION_H

#include <stdint.h>

// Resampling of images under affine maps, in parallel on the threads that oneDNN uses. No result
// depends on the number of threads.

/// Images [rows, height, width, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  int replicates;  // 0: the image is mirrored about its outermost pixels
} CWarpShape;

/// A rectangle of the result that is filled with one value, in pixels; no pixels for none.
typedef struct {
  long left, top, width, height;
  float value;
} CErasure;

/// The change of one image. Pixel (x, y) shows the content at (a x + b y + c, d x + e y + f), in
/// pixels from the centre of the top left pixel. The result is gain v + offset for the value v
/// there.
typedef struct {
  double a, b, c, d, e, f;
  float gain;
  float offset;
  CErasure erasure;
} CWarp;

/// Bilinear interpolation. Positions are rounded to 2^-20 pixels, so that integer positions are
/// exact.
void ckernels_warp(CWarpShape shape, const CWarp *warps, const uint8_t *bytes, float *values);

/// Mirrors images left to right, in place; `replicates` has no meaning.
void ckernels_mirror(CWarpShape shape, uint8_t *bytes);

#endif
