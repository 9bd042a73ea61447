#ifndef CWINOGRAD_H
#define CWINOGRAD_H

// Convolution by Winograd's minimal filtering, of 32-bit floats: F(4x4, 3x3) for kernels of 3x3 and
// F(3x3, 4x4) for kernels of 4x4, with stride 1. Images are [rows, height, width, channel], of 32-bit
// floats or of their upper 16 bits; kernels are [height, width, channel in, channel out].
// Transformed kernels belong to the plan that computed them: their layout depends on the instruction
// set.

#ifdef __cplusplus
extern "C" {
#endif

/// The sizes of a convolution with stride 1 and `padding` zeros on every side.
typedef struct {
  long rows;
  long height;
  long width;
  long channels;
  long filters;
  long kernel;   // 3 or 4
  long padding;  // less than the kernel
  int narrow;    // images and their gradients are 16-bit floats
} CWinogradShape;

typedef struct CWinograd CWinograd;

/// Plans a convolution; NULL if there is no memory for it or the kernel has another size.
CWinograd *cwinograd_create(CWinogradShape shape);
void cwinograd_destroy(CWinograd *plan);

/// Number of bytes of a transformed kernel, for the output or for the gradient of the input.
long cwinograd_kernel_bytes(const CWinograd *plan);
/// Number of bytes of working memory of any pass.
long cwinograd_scratch_bytes(const CWinograd *plan);

/// Transforms the kernel for cwinograd_forward, or for cwinograd_backward_data if `backward` is not 0.
void cwinograd_transform_kernel(
    const CWinograd *plan, const float *kernel, int backward, float *transformed);

/// Computes the output, with the bias unless it is NULL and with ReLU if `relu` is not 0.
void cwinograd_forward(
    const CWinograd *plan, const void *input, const float *transformed, const float *bias, int relu,
    void *output, float *scratch);

/// Computes the gradient of the kernel and, unless it is NULL, of the bias. Where `output` is given,
/// gradients count as 0 at values that are not positive there, which is the gradient of the ReLU.
void cwinograd_backward_weights(
    const CWinograd *plan, const void *input, const void *output_gradient, const void *output,
    float *kernel_gradient, float *bias_gradient, float *scratch);

/// Computes the gradient of the input. `output` as in cwinograd_backward_weights.
void cwinograd_backward_data(
    const CWinograd *plan, const void *output_gradient, const void *output, const float *transformed,
    void *input_gradient, float *scratch);

#ifdef __cplusplus
}
#endif

#endif
