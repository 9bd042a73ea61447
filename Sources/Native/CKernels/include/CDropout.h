#ifndef CDROPOUT_H
#define CDROPOUT_H

#include "CElement.h"
#include "CRowNumbers.h"

#include <stdint.h>

/// Images, or rows of features with one pixel.
typedef struct {
  long rows;
  long pixels;
  long channels;
  int planes;  // [row, channel, pixel] instead of [row, pixel, channel]
  CRowNumbers numbers;
} CDropoutShape;

/// Whether a table of numbers makes it faster: loops over few channels do not fill a vector.
int cdropout_needs_numbers(CDropoutShape shape);
/// Writes the number of each value of a row, pixels x channels, in the order channel, pixel.
void cdropout_number(CDropoutShape shape, uint32_t *numbers);

/// Keeps each value with probability 1 - rate, multiplied by 1 / (1 - rate), and sets the others to
/// 0. The choice depends only on `key` and on the number of the row, channel and pixel, so that the backward pass is the
/// same call on the gradients and the order of the values in memory does not matter. `numbers` is from
/// cdropout_number, or NULL.
void cdropout_apply(
    CDropoutShape shape, const uint32_t *numbers, CElement element, float rate, uint64_t key, const void *input,
    void *output);

#endif
