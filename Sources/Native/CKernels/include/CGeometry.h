#ifndef CGEOMETRY_H
#define CGEOMETRY_H

#include "CElement.h"

// Layers that move pixels; images are [rows, height, width, channels], of 32-bit floats except where
// their format is given.

typedef struct {
  long rows;
  long height;
  long width;
  long channels;
} CImageShape;

/// Copies bytes.
void cgeometry_copy(long bytes, const void *input, void *output);

/// Reorders images to planes, [rows, channels, height, width], if `to_planes` is not 0, or from planes.
void cgeometry_reorder(
    CImageShape shape, int to_planes, CElement input_element, const void *input,
    CElement output_element, void *output);

/// Adds a border of `size` mirrored pixels; the edge itself is not repeated.
void cgeometry_pad(CImageShape shape, long size, const float *input, float *output);
/// Adds the gradients of all copies of a pixel.
void cgeometry_pad_backward(
    CImageShape shape, long size, const float *output_gradient, float *input_gradient);

/// The maximum over windows of `window` channels and rows, for each column: [rows, height / window,
/// width, channels / window]. What does not fill a window is ignored.
void cgeometry_pool_channels(CImageShape shape, long window, const float *input, float *output);
/// Passes each gradient to the first maximum of its window.
void cgeometry_pool_channels_backward(
    CImageShape shape, long window, const float *input, const float *output_gradient,
    float *input_gradient);

/// The mean of each channel over the pixels: [rows, channels].
void cgeometry_mean(CImageShape shape, const float *input, float *output);
void cgeometry_mean_backward(CImageShape shape, const float *output_gradient, float *input_gradient);

/// output = input times the scale of the row's channel, [rows, channels].
void cgeometry_scale(CImageShape shape, const float *input, const float *scales, float *output);

/// The gradients of the scales and, unless it is NULL, of the input.
void cgeometry_scale_backward(
    CImageShape shape, const float *input, const float *scales, const float *output_gradient,
    float *scale_gradient, float *input_gradient);

/// Reads an image of `height` x `width` at positions that an affine map of each row gives.
///
/// `theta`, [rows, 6], maps target to source coordinates in -1...1. Source positions (v + 1) / 2 (size -
/// 1) are clamped to the image and interpolated bilinearly. A position that is not finite reads the
/// corner, with NaN weights.
void cgeometry_warp(
    CImageShape shape, long height, long width, const float *theta, const float *input, float *output);
/// The gradients of theta and, unless NULL, of the input.
void cgeometry_warp_backward(
    CImageShape shape, long height, long width, const float *theta, const float *input,
    const float *output_gradient, float *theta_gradient, float *input_gradient);

#endif
