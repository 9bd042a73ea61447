#ifndef CLANCZOS_H
#define CLANCZOS_H

#include <stddef.h>
#include <stdint.h>

/// The filters, with Pillow's arithmetic.
typedef enum {
  CLANCZOS_LANCZOS = 0,
  CLANCZOS_BILINEAR = 1,
} CLanczosFilter;

/// The ways there are to compute; all give the same bytes.
typedef enum {
  CLANCZOS_PORTABLE = 0,
  CLANCZOS_AVX2 = 1,
  CLANCZOS_AVX512 = 2,
} CLanczosPath;

/// The fastest path of this processor.
CLanczosPath clanczos_best_path(void);

/// The weights that take one axis from one length to another.
typedef struct CLanczosAxis CLanczosAxis;

/// Computes the weights of an axis; NULL when memory is out. Both lengths are at least 1.
CLanczosAxis *clanczos_axis_create(int length_in, int length_out, CLanczosFilter filter);
void clanczos_axis_destroy(CLanczosAxis *axis);

/// How many bytes the weights of an axis take.
size_t clanczos_axis_size(const CLanczosAxis *axis);

/// Which axis is resampled first; the result between is rounded to 8 bits, so that the order shows.
typedef enum {
  CLANCZOS_HORIZONTAL_FIRST = 0,
  CLANCZOS_VERTICAL_FIRST = 1,
} CLanczosOrder;

/// How many bytes of scratch memory `clanczos_resize` needs.
size_t clanczos_scratch_size(
    const CLanczosAxis *across, const CLanczosAxis *down, int channels, CLanczosOrder order);

/// Resizes 8-bit pixels [height, width, channels], `stride` bytes from row to row, to
/// [height out, width out, channels]: one axis, rounded to 8 bits, then the other. `channels` is 1 or
/// 3; `path` must be one the processor has.
void clanczos_resize(
    const CLanczosAxis *across, const CLanczosAxis *down, const uint8_t *source, size_t stride,
    int channels, CLanczosOrder order, CLanczosPath path, void *scratch, uint8_t *target);

/// RGB to gray as Pillow does: ITU-R 601-2 luma with 16 fractional bits.
void clanczos_luma(const uint8_t *rgb, size_t pixels, uint8_t *gray);

#endif
