#ifndef CLANCZOS_H
#define CLANCZOS_H

#include <stddef.h>
#include <stdint.h>

/// The filters, with Pillow's arithmetic.
typedef enum {
  CLANCZOS_LANCZOS = 0,
  CLANCZOS_BILINEAR = 1,
} CLanczosFilter;

/// The available code paths; all produce the same bytes.
typedef enum {
  CLANCZOS_PORTABLE = 0,
  CLANCZOS_AVX2 = 1,
  CLANCZOS_AVX512 = 2,
} CLanczosPath;

/// Returns the fastest code path of this processor.
CLanczosPath clanczos_best_path(void);

/// The weights that resample one axis from one length to another.
typedef struct CLanczosAxis CLanczosAxis;

/// Computes the weights of an axis; returns NULL if there is not enough memory. Both lengths are at
/// least 1.
CLanczosAxis *clanczos_axis_create(int length_in, int length_out, CLanczosFilter filter);
void clanczos_axis_destroy(CLanczosAxis *axis);

/// Returns the size of the weights of an axis in bytes.
size_t clanczos_axis_size(const CLanczosAxis *axis);

/// The axis that is resampled first; the intermediate result is rounded to 8 bits, so the order
/// affects the output.
typedef enum {
  CLANCZOS_HORIZONTAL_FIRST = 0,
  CLANCZOS_VERTICAL_FIRST = 1,
} CLanczosOrder;

/// Returns the size of the scratch memory for `clanczos_resize` in bytes.
size_t clanczos_scratch_size(
    const CLanczosAxis *across, const CLanczosAxis *down, int channels, CLanczosOrder order);

/// Resizes 8-bit pixels [height, width, channels], with `stride` bytes per row, to [height out,
/// width out, channels]: one axis, rounded to 8 bits, then the other. `channels` is 1 or 3; the
/// processor must support `path`.
void clanczos_resize(
    const CLanczosAxis *across, const CLanczosAxis *down, const uint8_t *source, size_t stride,
    int channels, CLanczosOrder order, CLanczosPath path, void *scratch, uint8_t *target);

/// Converts RGB to gray as in Pillow: ITU-R 601-2 luma with 16 fractional bits.
void clanczos_luma(const uint8_t *rgb, size_t pixels, uint8_t *gray);

/// Whole sums over an image, from which its mean, variance and sharpness follow.
typedef struct {
  int64_t sum, squares;
  /// Of the Laplacian with the kernel 0 1 0, 1 -4 1, 0 1 0, over the pixels that are not at the edge.
  int64_t laplacian_sum, laplacian_squares;
} CLanczosSums;

/// Sums over a gray image, [height, width].
CLanczosSums clanczos_sums(const uint8_t *gray, size_t width, size_t height);

#endif
