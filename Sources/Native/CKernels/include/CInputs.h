#ifndef CINPUTS_H
#define CINPUTS_H

#include <stdint.h>

// Kernels that convert samples to the range that a network expects, in parallel on the threads that
// oneDNN uses. No result depends on the number of threads.

/// (x - mean) scale, with means and scales that repeat after `period` values.
typedef struct {
  long count;   // number of values
  long period;  // number of means and of scales
  const float *mean;
  const float *scale;
} CStandard;

/// values = (bytes - mean) scale.
void ckernels_standardize_bytes(CStandard standard, const uint8_t *bytes, float *values);

/// values = (values - mean) scale.
void ckernels_standardize(CStandard standard, float *values);

/// Images [rows, height, width, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
} CImages;

/// values = 2 (values - min) / (max - min) - 1 with the minimum and maximum of each image; a
/// constant image becomes 0.
void ckernels_stretch(CImages images, float *values);

/// A window of weights, applied along rows and then along columns.
typedef struct {
  long taps;
  long before;     // number of taps before the pixel itself
  const float *weights;
  int divides;     // 0: only the local mean is subtracted
  float epsilon;   // added to the local deviation before the division
} CWindow;

/// Number of floats of scratch memory that `ckernels_local_contrast` needs.
long ckernels_local_contrast_scratch(CImages images, CWindow window);

/// Subtracts the weighted mean around each pixel, over all channels. If `divides` is not 0, then
/// divides by the root of the weighted mean square around the pixel plus `added`. The nearest pixel
/// is used outside the border.
void ckernels_local_contrast(CImages images, CWindow window, float *scratch, float *values);

#endif
