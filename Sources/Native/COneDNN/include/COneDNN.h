#ifndef CONEDNN_H
#define CONEDNN_H

// A plain C interface to oneDNN 2.x. Activations are [rows, height, width, channel], of 32-bit
// floats or of their upper 16 bits (bfloat16). Weights and their gradients are 32-bit floats.
// Convolution kernels are [height, width, channel in, channel out], as in Keras. Sums are always in
// 32 bits.
// Every function that returns an int returns 0 on success. No two threads may call these functions
// at the same time; oneDNN parallelises the work itself.

/// The version of oneDNN, such as "2.6.3".
const char *conednn_version(void);

/// The instruction set that oneDNN uses, such as "avx512_core_bf16".
const char *conednn_instruction_set(void);

/// Whether the processor has bfloat16 instructions.
int conednn_has_bfloat16(void);

/// Creates the engine and sets the number of threads of oneDNN, for every calling thread.
int conednn_start(int threads);

/// Number of threads that oneDNN uses when called from this thread.
int conednn_threads(void);

/// Runs what the calling thread computes on it alone from now on.
void conednn_use_calling_thread_only(void);

/// The sizes of a two-dimensional convolution, with `padding` zeros on every side.
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
  int is_bfloat16;  // activations and their gradients are bfloat16, kernels are rounded to it
} CDnnConvolutionShape;

typedef struct CDnnConvolution CDnnConvolution;

/// The passes of a convolution.
enum { CDNN_FORWARD = 1, CDNN_BACKWARD_WEIGHTS = 2, CDNN_BACKWARD_DATA = 4 };

/// Creates some passes of a convolution, the forward pass with ReLU if `relu` is not 0; NULL if oneDNN
/// does not support the shape.
CDnnConvolution *conednn_convolution_create(CDnnConvolutionShape shape, int relu, int passes);
/// Number of bytes of scratch memory that oneDNN needs; all convolutions share this memory.
long conednn_convolution_scratch(const CDnnConvolution *convolution);
void conednn_convolution_destroy(CDnnConvolution *convolution);

/// Computes the output. If `kernel` is NULL, the kernel of the call before is used again.
int conednn_convolution_forward(
    CDnnConvolution *convolution, const void *input, const float *kernel, const float *bias,
    void *output);

/// Computes the gradients of the kernel and the bias. `output_gradient` is the gradient before the
/// ReLU.
int conednn_convolution_backward_weights(
    CDnnConvolution *convolution, const void *input, const void *output_gradient,
    float *kernel_gradient, float *bias_gradient);

/// Computes the gradient of the input. `output_gradient` is the gradient before the ReLU.
int conednn_convolution_backward_data(
    CDnnConvolution *convolution, const float *kernel, const void *output_gradient,
    void *input_gradient);

/// c = a b + beta c for row-major matrices, [m, k] x [k, n]. `transpose_a` and `transpose_b` say
/// that the operand is stored transposed.
int conednn_multiply(
    int transpose_a, int transpose_b, long m, long n, long k, const float *a, const float *b,
    float beta, float *c);

typedef struct CDnnProduct CDnnProduct;

/// Plans c = a b for matrices of 32-bit floats, or of their upper 16 bits if `is_bfloat16` is not 0; the
/// product is always of 32-bit floats. NULL if oneDNN cannot compute it. It is faster than
/// conednn_multiply for 16 bits and for a transposed b.
CDnnProduct *conednn_product_create(
    int transpose_a, int transpose_b, long m, long n, long k, int is_bfloat16);
void conednn_product_destroy(CDnnProduct *product);
int conednn_product_run(CDnnProduct *product, const void *a, const void *b, float *c);

#endif
