#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

#include "CActivation.h"
#include "CAugmentation.h"
#include "CDropout.h"
#include "CElement.h"
#include "CGeometry.h"
#include "CIdentityLosses.h"
#include "CInputs.h"
#include "CNormalization.h"
#include "CNorms.h"
#include "CPlanar.h"
#include "CRowNumbers.h"
#include "CScores.h"

// Loops over activations and parameters, in parallel on the threads that oneDNN uses, because a
// second thread pool would compete for the same cores. Activations are 32-bit or 16-bit floats;
// arithmetic is in 32 bits, sums over pixels are in 64 bits, except over
// runs of a few.

/// Number of buffers that the calling thread has created; a test of the memory use of a step reads
/// it.
long *ckernels_buffers_made(void);

void ckernels_narrow(long count, const float *input, uint16_t *output);
void ckernels_widen(long count, const uint16_t *input, float *output);

/// output += input.
void ckernels_add(long count, CElement element, const void *input, void *output);

/// output = activation(left + right).
void ckernels_add_activated(
    long count, CElement element, CActivation activation, const void *left, const void *right,
    void *output);

/// Pooling over square windows with stride = window: [rows, height, width, channels] to [rows,
/// height / window, width / window, channels]. Rows and columns that do not fill a window are
/// ignored.
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long window;
  int over_relu;  // the input is the output of a ReLU, whose derivative is applied to the gradient as well
} CPoolShape;

void ckernels_max_pool(CPoolShape shape, CElement element, const void *input, void *output);

/// Passes the gradient of each output to the first input that equals it; all other gradients are 0.
/// `output_gradient` is overwritten.
void ckernels_max_pool_backward(
    CPoolShape shape, CElement element, const void *input, const void *output,
    void *output_gradient, void *input_gradient);

/// Average pooling and its gradient.
void ckernels_average_pool(CPoolShape shape, CElement element, const void *input, void *output);
void ckernels_average_pool_backward(
    CPoolShape shape, CElement element, const void *output_gradient, void *input_gradient);

/// Every `step`-th pixel of every `step`-th row: [rows, height, width, channels] to [rows, (height
/// + step - 1) / step, ..., channels].
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long step;
} CGridShape;

void ckernels_subsample(CGridShape shape, CElement element, const void *input, void *output);

/// The gradient of the subsampling: 0 for the skipped pixels.
void ckernels_subsample_backward(
    CGridShape shape, CElement element, const void *output_gradient, void *input_gradient);

/// values[row, column] += bias[column], then ReLU if `relu` is not 0.
void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values);

/// sums[column] = the sum of gradients[row, column] over rows.
void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums);

/// sums += values in 64 bits, or sums = values if `begins` is not 0. If `rounded` is not NULL, it
/// receives the result in place of `sums`.
void ckernels_add_to_sums(
    long count, const float *values, int begins, double *sums, float *rounded);

/// values = activation(values).
void ckernels_activate(long count, CElement element, CActivation activation, void *values);

/// gradient *= the derivative of the activation at the point where its result is `output`.
void ckernels_activate_backward(
    long count, CElement element, CActivation activation, const void *output, void *gradient);

/// [count, channels], where count is the number of pixels of all rows.
typedef struct {
  long count;
  long channels;
} CChannelShape;

/// Number of partial sums in a sum over pixels; `sums` below has CKERNELS_CHUNKS x channels values.
#define CKERNELS_CHUNKS CNORM_CHUNKS

/// x if x > 0, else the slope of the channel times x.
void ckernels_prelu(
    CChannelShape shape, CElement element, const void *input, const float *alpha, void *output);

/// The gradients of PReLU; `input_gradient` may be NULL.
void ckernels_prelu_backward(
    CChannelShape shape, CElement element, const void *input, const float *alpha,
    const void *output_gradient, double *sums, float *slope_gradient, void *input_gradient);

/// average += share (value - average).
void ckernels_average(long count, float share, const float *values, float *averages);

/// RMSprop: v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon). Here and below g is the
/// gradient plus l2 w, the gradient of a weight decay of l2 / 2 w^2. The functions return the sum of w^2
/// before the update, or 0 if l2 is 0.
double ckernels_rmsprop(
    long count, float rate, float rho, float epsilon, float l2, const float *gradient,
    float *velocity, float *values);

/// The coefficients of one step of Adam or a variant, including the bias corrections of the step.
typedef struct {
  float rate;
  float beta1;
  float beta2;
  float epsilon;
  float l2;
  float decay;           // fraction of w subtracted separately in the step (AdamW: rate x decay)
  float momentum_share;  // factor of m in the update
  float gradient_share;  // factor of g in the update (Nadam)
  float second_share;    // factor of v under the root
} CAdam;

/// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
/// w -= rate (momentum_share m + gradient_share g) / (sqrt(second_share v) + epsilon) + decay w.
/// With `largest` (AMSGrad) the largest v so far is used under the root.
double ckernels_adam(
    long count, CAdam adam, const float *gradient, float *first, float *second, float *largest,
    float *values);

/// Gradient descent with momentum.
typedef struct {
  float rate;
  float momentum;
  float l2;
  int nesterov;
} CMomentum;

/// v = momentum v - rate g; w += v, or w += momentum v - rate g with Nesterov momentum.
double ckernels_momentum(
    long count, CMomentum momentum, const float *gradient, float *velocity, float *values);

#endif
