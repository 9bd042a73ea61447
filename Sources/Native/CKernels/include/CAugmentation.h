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

/// The change of one image. Pixel (x, y) shows the content at (a x + b y + c, d x + e y + f), in
/// pixels from the centre of the top left pixel. The result is gain v + offset for the value v
/// there.
typedef struct {
  double a, b, c, d, e, f;
  float gain;
  float offset;
} CWarp;

/// Bilinear interpolation. Positions are rounded to 2^-20 pixels, so that integer positions are
/// exact.
void ckernels_warp(CWarpShape shape, const CWarp *warps, const uint8_t *bytes, float *values);

#endif
