#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

#include "CAugmentation.h"
#include "CIdentityLosses.h"
#include "CInputs.h"
#include "CNorms.h"
#include "CPlanar.h"

// Loops over activations and parameters, spread over the threads oneDNN uses: a second pool of
// threads would fight with the first for the same cores. Activations are numbers of 32 bits, or of
// 16 where a network computes so; arithmetic is in 32 bits, sums over pixels are in 64.

/// How many threads these loops use from now on.
void ckernels_set_threads(int threads);

/// How many buffers the calling thread has made: what a test of a step's memory counts.
long *ckernels_buffers_made(void);

/// What an activation is made of.
typedef enum {
  CELEMENT_FLOAT32,
  CELEMENT_BFLOAT16  // the upper half of a number of 32 bits, rounded to the nearest
} CElement;

void ckernels_narrow(long count, const float *input, uint16_t *output);
void ckernels_widen(long count, const uint16_t *input, float *output);

/// output += input.
void ckernels_add(long count, CElement element, const void *input, void *output);

/// Pooling over 2-D windows, stride = window, what does not fill a window left out.
/// [rows, height, width, channels] to [rows, height / window, width / window, channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long window;
  int over_relu;  // the input is that of a ReLU, whose slope the gradient is to have as well
} CPoolShape;

void ckernels_max_pool(CPoolShape shape, CElement element, const void *input, void *output);

/// Gives each output's gradient to the first input that equals it; all other gradients are 0.
/// `output_gradient` is used up.
void ckernels_max_pool_backward(
    CPoolShape shape, CElement element, const void *input, const void *output,
    void *output_gradient, void *input_gradient);

/// The mean over the windows of a pool, and its gradient.
void ckernels_average_pool(CPoolShape shape, CElement element, const void *input, void *output);
void ckernels_average_pool_backward(
    CPoolShape shape, CElement element, const void *output_gradient, void *input_gradient);

/// Every `step`-th pixel of every `step`-th line: [rows, height, width, channels] to
/// [rows, (height + step - 1) / step, ..., channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long step;
} CGridShape;

void ckernels_subsample(CGridShape shape, CElement element, const void *input, void *output);

/// The gradient of that: 0 for the pixels that are left out.
void ckernels_subsample_backward(
    CGridShape shape, CElement element, const void *output_gradient, void *input_gradient);

/// Keeps each value with probability 1 - rate, times 1 / (1 - rate). Which are kept follows from
/// `key` and the position alone, so that the backward pass is the same call on the gradients.
void ckernels_dropout(
    long count, CElement element, float rate, uint64_t key, const void *input, void *output);

/// values[row, column] += bias[column], then ReLU when `relu` is not 0.
void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values);

/// bias_gradient[column] = the sum of gradients[row, column] over rows.
void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums);

/// A function of one value whose slope follows from its value.
typedef enum {
  CACTIVATION_LINEAR,
  CACTIVATION_RELU,
  CACTIVATION_LEAKY_RELU,   // x > 0 ? x : 0.01 x
  CACTIVATION_TANH,
  CACTIVATION_SCALED_TANH,  // 1.7159 tanh(2x / 3)
  CACTIVATION_SIGMOID
} CActivation;

/// values = activation(values).
void ckernels_activate(long count, CElement element, CActivation activation, void *values);

/// gradient *= the slope of the activation where it has the value `output`.
void ckernels_activate_backward(
    long count, CElement element, CActivation activation, const void *output, void *gradient);

/// [count, channels], count being every pixel of every row.
typedef struct {
  long count;
  long channels;
} CChannelShape;

/// So many parts of a sum over pixels; `sums` below has room for 2 x CKERNELS_CHUNKS x channels.
#define CKERNELS_CHUNKS 32

/// x where it is more than 0, else the channel's slope times x.
void ckernels_prelu(
    CChannelShape shape, CElement element, const void *input, const float *slopes, void *output);

/// Its gradients; `input_gradient` may be NULL.
void ckernels_prelu_backward(
    CChannelShape shape, CElement element, const void *input, const float *slopes,
    const void *output_gradient, double *sums, float *slope_gradient, void *input_gradient);

/// mean and variance of each channel, the variance divided by count.
void ckernels_channel_moments(
    CChannelShape shape, CElement element, const void *input, double *sums, float *mean,
    float *variance);

/// output = gamma (input - mean) / sqrt(variance + epsilon) + beta. `factors` has room for
/// 3 x channels, here and below.
void ckernels_normalize(
    CChannelShape shape, CElement element, float epsilon, const void *input, const float *mean,
    const float *variance, const float *gamma, const float *beta, float *factors, void *output);

/// The gradients of normalisation by the batch's own moments; `input_gradient` may be NULL.
void ckernels_normalize_backward(
    CChannelShape shape, CElement element, float epsilon, const void *input, const float *mean,
    const float *variance, const float *gamma, const void *output_gradient, double *sums,
    float *factors, float *gamma_gradient, float *beta_gradient, void *input_gradient);

/// RMSprop: v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon). Here and below g is the
/// gradient plus l2 w, the slope of a weight decay of l2 / 2 w^2.
void ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, float l2, const float *gradient,
    float *velocity, float *values);

/// One step of Adam and its relatives; the shares hold the corrections of the step.
typedef struct {
  float rate;
  float beta1;
  float beta2;
  float epsilon;
  float l2;
  float decay;           // w loses this share of itself beside the step (AdamW: rate x decay)
  float momentum_share;  // how much of m moves w
  float gradient_share;  // how much of g does (Nadam)
  float second_share;    // what v is multiplied with under the root
} CAdam;

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// w -= rate (momentum_share m + gradient_share g) / (sqrt(second_share v) + epsilon) + decay w.
/// With `largest` (AMSGrad) the largest v so far stands under the root.
void ckernels_adam(
    long count, CAdam adam, const float *gradient, float *first, float *second, float *largest,
    float *values);

/// Gradient descent with momentum.
typedef struct {
  float rate;
  float momentum;
  float l2;
  int nesterov;
} CMomentum;

/// v = momentum v - rate g; w += v, or momentum v - rate g as Nesterov has it.
void ckernels_momentum(
    long count, CMomentum momentum, const float *gradient, float *velocity, float *values);

#endif
