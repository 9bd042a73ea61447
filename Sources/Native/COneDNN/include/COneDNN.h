#ifndef CONEDNN_H
#define CONEDNN_H

// oneDNN 2.x behind plain C: activations are [rows, height, width, channel], of 32-bit floats or of
// the 16 upper bits of such (bfloat16); weights and their gradients are 32-bit floats, and
// convolution kernels are [height, width, channel in, channel out], as Keras stores them. Sums are in
// 32 bits throughout.
// Every function that returns an int returns 0 when it worked. Nothing here may be called from two
// threads at once: oneDNN spreads the work over threads itself.

/// The version of oneDNN, as "2.6.3".
const char *conednn_version(void);

/// The instruction set oneDNN takes, as "avx512_core_bf16".
const char *conednn_instruction_set(void);

/// Whether the processor multiplies bfloat16 itself.
int conednn_has_bfloat16(void);

/// Makes the engine and sets the number of threads of oneDNN, whichever thread calls it.
int conednn_start(int threads);

/// How many threads oneDNN uses when this thread calls it.
int conednn_threads(void);

/// The lengths of a two-dimensional convolution; as many zeros on every side as `padding`.
typedef struct {
  int rows;
  int height;
  int width;
  int channels;
  int filters;
  int kernel;
  int stride;
  int padding;
  int has_bias;
  int is_bfloat16;  // activations and their gradients are, kernels are rounded to it
} CDnnConvolutionShape;

typedef struct CDnnConvolution CDnnConvolution;

/// A convolution, with ReLU when `relu` is not 0; NULL when oneDNN has none of this shape.
CDnnConvolution *conednn_convolution_create(CDnnConvolutionShape shape, int relu);
/// How many bytes oneDNN works in, in a memory that all convolutions share.
long conednn_convolution_scratch(const CDnnConvolution *convolution);
void conednn_convolution_destroy(CDnnConvolution *convolution);

int conednn_convolution_forward(
    CDnnConvolution *convolution, const void *input, const float *kernel, const float *bias,
    void *output);

/// Both gradients. `output_gradient` is that before the ReLU; `input_gradient` may be NULL.
int conednn_convolution_backward(
    CDnnConvolution *convolution, const void *input, const float *kernel,
    const void *output_gradient, float *kernel_gradient, float *bias_gradient,
    void *input_gradient);

/// c = the product of row-major matrices, [m, k] x [k, n]; `transpose_a` and `transpose_b` say
/// that the operand lies transposed; `beta` keeps what is in `c`, times it.
int conednn_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, const float *a, const float *b,
    float beta, float *c);

#endif
