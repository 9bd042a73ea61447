#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

// Loops over activations and parameters, spread over the threads oneDNN uses: a second pool of
// threads would fight with the first for the same cores. All arrays are 32-bit floats.

/// Maximum over 2-D windows, stride = window, what does not fill a window left out.
/// [rows, height, width, channels] to [rows, height / window, width / window, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long window;
} CPoolShape;

void ckernels_max_pool(CPoolShape shape, const float *input, float *output);

/// Gives each output's gradient to the first input that equals it; all other gradients are 0.
/// `output_gradient` is used up.
void ckernels_max_pool_backward(
    CPoolShape shape, const float *input, const float *output, float *output_gradient,
    float *input_gradient);

/// Keeps each value with probability 1 - rate, times 1 / (1 - rate). Which are kept follows from
/// `key` and the position alone, so that the backward pass is the same call on the gradients.
void ckernels_dropout(long count, float rate, uint64_t key, const float *input, float *output);

/// values[row, column] += bias[column], then ReLU when `relu` is not 0.
void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values);

/// bias_gradient[column] = the sum of gradients[row, column] over rows.
void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums);

/// gradient = output > 0 ? gradient : 0.
void ckernels_relu_backward(long count, const float *output, float *gradient);

/// RMSprop: v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon).
void ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, const float *gradient, float *velocity,
    float *values);

#endif
