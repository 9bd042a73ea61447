#ifndef CPLANAR_H
#define CPLANAR_H

#include "CRowNumbers.h"

#include <stdint.h>

// A fused convolution of few channels with bias, ReLU, 2x2 max pool and dropout, computed image by image, so
// that the values between these steps stay in the cache. An image is stored as one plane per
// channel, and a plane is one array of numbers: out[p] is the sum of in[p + i width + j] times the
// kernel. The pool skips the values of windows that cross the edge. Libraries turn such layers into
// matrix products whose inner dimension is the number of channels, here 1 or 6.

/// The maximum side of a kernel, number of channels and number of filters.
#define CPLANAR_MAX_KERNEL 5
#define CPLANAR_MAX_CHANNELS 8
#define CPLANAR_MAX_FILTERS 18

typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long filters;
  long kernel;
  int relu;
  int planar_input;   // [rows, channels, height, width] instead of channels last
  int planar_output;  // [rows, filters, h / 2, w / 2]
  int narrow;         // products of 16-bit floats in the forward pass
} CPlanarShape;

/// A dropout over the output, with the choices of cdropout_apply.
typedef struct {
  float rate;
  uint64_t key;
  CRowNumbers numbers;
} CPlanarDropout;

/// Number of parts that the rows are split into. Sums over rows are computed for each part and
/// added in order, so that they do not depend on the number of threads.
#define CPLANAR_PARTS 16

/// Number of floats of scratch memory that a call needs.
long cplanar_scratch(CPlanarShape shape);

/// input [rows, height, width, channels] to output [rows, h / 2, w / 2, filters] with h = height -
/// kernel + 1 and w = width - kernel + 1; kernel [kernel, kernel, channels, filters]. `argmax`,
/// [rows, filters, h / 2, w / 2], receives the index within its window of the pixel that each
/// output came from, or 4 if ReLU or dropout set it to 0. `dropout` may be NULL.
void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias,
    const CPlanarDropout *dropout, float *scratch, float *output, uint8_t *argmax);

/// The gradients of the kernel, the bias and, unless NULL, the input. `scale` is what the dropout
/// multiplied the output by, 1 without one.
void cplanar_backward(
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *argmax,
    const float *output_gradient, float scale, float *scratch, float *kernel_gradient, float *bias_gradient,
    float *input_gradient);

#endif
