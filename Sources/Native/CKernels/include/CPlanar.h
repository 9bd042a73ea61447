#ifndef CPLANAR_H
#define CPLANAR_H

#include <stdint.h>

// A convolution of few channels with bias, ReLU and a maximum over windows of 2x2 in one go, picture
// by picture, so that what lies between never leaves the cache. Within, a picture is one plane a
// channel and a plane is one row of numbers: out[p] is the sum of in[p + i width + j] times the
// kernel, and what stands where a window runs over the edge is left out by the pool. Libraries turn
// such layers into products whose inner dimension is the number of channels, here 1 or 6.

/// The largest side of a kernel, the most channels, and the most filters.
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
  int planar_input;   // [rows, channels, height, width] rather than channels last
  int planar_output;  // [rows, filters, h / 2, w / 2]
} CPlanarShape;

/// So many parts the rows are cut into: sums over rows are made in each and added in order, so that
/// they come out the same whatever the number of threads.
#define CPLANAR_PARTS 16

/// How many floats a call needs to work in.
long cplanar_scratch(CPlanarShape shape);

/// input [rows, height, width, channels] to output [rows, h / 2, w / 2, filters] with
/// h = height - kernel + 1; kernel [kernel, kernel, channels, filters]. `places`, [rows,
/// filters, h / 2, w / 2], receives which pixel of its window each output is, or 4 where ReLU made
/// it 0.
void cplanar_forward(
    CPlanarShape shape, const float *input, const float *kernel, const float *bias, float *scratch,
    float *output, uint8_t *places);

/// The gradients of kernel, bias and, unless NULL, input.
void cplanar_backward(
    CPlanarShape shape, const float *input, const float *kernel, const uint8_t *places,
    const float *output_gradient, float *scratch, float *kernel_gradient, float *bias_gradient,
    float *input_gradient);

/// Makes the calling thread compute as on a processor without vectors of 64 bytes, for tests.
void cplanar_set_narrow(int narrow);

#endif
