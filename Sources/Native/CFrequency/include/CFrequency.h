#ifndef CFREQUENCY_H
#define CFREQUENCY_H

// Convolution in the frequency domain, of 32-bit floats. Images are [rows, height, width, channel], of
// 32-bit floats or of their upper 16 bits; kernels are [height, width, channel in, channel out].
// A transform turns images into spectra; of the spectra of one frequency, each pass is a product of
// complex matrices. The spectra belong to the plan that computed them: their layout depends on the
// instruction set.

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
  long kernel;
  long padding;
  int narrow_input;   // the input and its gradient are 16-bit floats
  int narrow_output;  // the output and its gradient are 16-bit floats
  long tile;          // the side of the outputs that one transform computes; 0 for the cheapest
} CFrequencyShape;

typedef struct CFrequency CFrequency;

/// Plans a convolution; NULL if there is no memory for it.
CFrequency *cfrequency_create(CFrequencyShape shape);
void cfrequency_destroy(CFrequency *plan);

/// The lengths of the transform, vertical and horizontal.
long cfrequency_length(const CFrequency *plan, int horizontal);
/// Number of tiles that an image is cut into.
long cfrequency_tiles(const CFrequency *plan);

/// Number of bytes of the spectrum of the input, of its gradient, of the kernel, and of the output's
/// gradient.
long cfrequency_input_bytes(const CFrequency *plan);
long cfrequency_input_gradient_bytes(const CFrequency *plan);
long cfrequency_kernel_bytes(const CFrequency *plan);
long cfrequency_gradient_bytes(const CFrequency *plan);
/// Number of bytes of the spectrum of the output of those rows that are computed at a time.
long cfrequency_output_bytes(const CFrequency *plan);
/// Number of bytes of memory that the transforms need for themselves.
long cfrequency_scratch_bytes(const CFrequency *plan);

/// Computes the spectrum of the kernel.
void cfrequency_transform_kernel(
    const CFrequency *plan, const float *kernel, float *kernel_spectrum, float *scratch);

/// Computes the spectrum of the input.
void cfrequency_transform_input(
    const CFrequency *plan, const void *input, float *input_spectrum, float *scratch);

/// Computes the output from the spectra of the input and the kernel, with the bias unless it is NULL
/// and with ReLU if `relu` is not 0. `output_spectrum` is overwritten.
void cfrequency_forward(
    const CFrequency *plan, const float *input_spectrum, const float *kernel_spectrum,
    const float *bias, int relu, void *output, float *output_spectrum, float *scratch);

/// Computes the spectrum of the output's gradient. Where `output` is given, values that are not
/// positive there count as 0, which is the gradient of the ReLU. `bias_gradient` may be NULL.
void cfrequency_transform_gradient(
    const CFrequency *plan, const void *output_gradient, const void *output, float *bias_gradient,
    float *gradient_spectrum, float *scratch);

/// Computes the gradient of the kernel. `kernel_spectrum` is overwritten.
void cfrequency_backward_weights(
    const CFrequency *plan, const float *input_spectrum, const float *gradient_spectrum,
    float *kernel_gradient, float *kernel_spectrum, float *scratch);

/// Computes the gradient of the input. `input_spectrum` is overwritten.
void cfrequency_backward_data(
    const CFrequency *plan, const float *gradient_spectrum, const float *kernel_spectrum,
    void *input_gradient, float *input_spectrum, float *scratch);

#ifdef __cplusplus
}
#endif

#endif
