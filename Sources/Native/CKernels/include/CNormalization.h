#ifndef CNORMALIZATION_H
#define CNORMALIZATION_H

#include "CElement.h"
#include "CRowNumbers.h"

#include <stdint.h>

// Batch normalisation with the layers that follow it, in one pass over memory:
// output = pool(dropout(rectifier(gamma (input - mean) / sqrt(variance + epsilon) + beta))).

/// Images, or rows of features as images of one pixel.
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  int window;    // the side of the windows of a max pool without overlap: 1, which is no pool, or 2
  float rate;    // of the dropout; 0 for none
  uint64_t key;  // of the dropout, as in cdropout_apply
  CRowNumbers numbers;
} CNormShape;

/// What is applied to each channel. The rectifier multiplies values that are not positive by `slope`: 1
/// changes nothing, 0 is ReLU.
typedef struct {
  float epsilon;
  const float *mean;
  const float *variance;
  const float *gamma;
  const float *beta;
  const float *slope;
} CNormWeights;

/// The gradients of the weights; `slope` may be NULL.
typedef struct {
  float *gamma;
  float *beta;
  float *slope;
} CNormGradients;

/// Number of partial sums in a sum over pixels: CNORM_CHUNKS. `sums` below has 3 x CNORM_CHUNKS x
/// channels values and `factors` 6 x channels; both are overwritten.
#define CNORM_CHUNKS 32

/// The mean and variance of each channel; the variance is divided by the number of pixels. `sums` begins
/// then with the means and the variances in 64 bits.
void cnorm_moments(
    CNormShape shape, CElement element, const void *input, double *sums, float *mean,
    float *variance);

/// Computes the output. With a window of 2, `places`, [rows, height / 2, width / 2, channels], receives
/// the index within its window of the pixel that each output came from.
void cnorm_forward(
    CNormShape shape, CElement element, CNormWeights weights, const void *input, float *factors,
    void *output, uint8_t *places);

/// Computes the gradients of the weights. `sums` begins then, for each channel, with the sum of the
/// gradients and with the sum of their products with the distance of the input from its mean.
void cnorm_backward_weights(
    CNormShape shape, CElement element, CNormWeights weights, const void *input,
    const uint8_t *places, const void *output_gradient, double *sums, float *factors,
    CNormGradients gradients);

/// Computes the gradient of the input where mean and variance are those of `count` pixels, of this
/// process or of several. `totals`, [2, channels], has the sums of cnorm_backward_weights over them.
void cnorm_backward_input(
    CNormShape shape, CElement element, CNormWeights weights, const void *input,
    const uint8_t *places, const void *output_gradient, const double *totals, double count,
    float *factors, void *input_gradient);

#endif
