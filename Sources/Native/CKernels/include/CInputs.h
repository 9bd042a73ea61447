#ifndef CINPUTS_H
#define CINPUTS_H

#include <stdint.h>

// What brings samples into the range a network takes, spread over the threads oneDNN uses. No result
// depends on how many threads there are.

/// (x - mean) scale, with a mean and a scale for every value of a period, over and over again.
typedef struct {
  long count;   // values
  long period;  // of mean and scale
  const float *mean;
  const float *scale;
} CStandard;

/// values = (bytes - mean) scale.
void ckernels_standardize_bytes(CStandard standard, const uint8_t *bytes, float *values);

/// values = (values - mean) scale.
void ckernels_standardize(CStandard standard, float *values);

/// Pictures [rows, height, width, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
} CPictures;

/// values = 2 (values - min) / (max - min) - 1 with the least and the largest of each picture; a
/// picture of one value becomes 0.
void ckernels_stretch(CPictures pictures, float *values);

/// A window of weights, used along rows and then along columns.
typedef struct {
  long taps;
  long before;     // how many of them lie before the pixel itself
  const float *weights;
  int divides;     // 0: the local mean is subtracted and that is all
  float added;     // to the local deviation, before dividing by it
} CWindow;

/// How many floats `ckernels_local_contrast` needs beside the pictures.
long ckernels_local_contrast_scratch(CPictures pictures, CWindow window);

/// values -= the weighted mean around each pixel, over all channels; then divides by the root of
/// the weighted mean square around it. Beyond the border the nearest pixel stands.
void ckernels_local_contrast(CPictures pictures, CWindow window, float *scratch, float *values);

#endif
