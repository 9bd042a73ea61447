#ifndef CLANCZOS_H
#define CLANCZOS_H

#include <stdint.h>

/// The filters, with Pillow's arithmetic.
typedef enum {
  CLANCZOS_LANCZOS = 0,
  CLANCZOS_BILINEAR = 1,
} CLanczosFilter;

/// The weights that take one axis from one length to another.
typedef struct CLanczosAxis CLanczosAxis;

/// Computes the weights of an axis; NULL when memory is out. Both lengths are at least 1.
CLanczosAxis *clanczos_axis_create(int length_in, int length_out, CLanczosFilter filter);
void clanczos_axis_destroy(CLanczosAxis *axis);

/// Rows of 8-bit pixels: [rows, length_in, channels] to [rows, length_out, channels].
void clanczos_horizontal(
    const CLanczosAxis *axis, const uint8_t *source, int rows, int channels, uint8_t *target);

/// Columns of 8-bit pixels: [length_in, line] to [length_out, line], `line` bytes a row.
void clanczos_vertical(
    const CLanczosAxis *axis, const uint8_t *source, int line, uint8_t *target);

#endif
