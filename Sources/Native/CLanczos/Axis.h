#ifndef CLANCZOS_AXIS_H
#define CLANCZOS_AXIS_H

#include "CLanczos.h"

// The arithmetic is that of Pillow 12.2.0, with which the samples of the recipes were made: weights
// are normalised in double precision and rounded half away from zero to 22 fractional bits, sums
// start from one half, and each pass produces 8-bit results.
enum { FRACTION_BITS = 22 };

/// Inputs are read in groups of four that start at multiples of four, so that one layout serves all
/// outputs; the excess inputs of a group have the weight zero.
enum { GROUP = 4 };

/// Number of sums computed in parallel: 16 rows of RGB or 48 of gray.
enum { LANES = 48 };

/// One group of weights in the form that each code path requires. All three forms represent the
/// same numbers.
typedef struct {
  int32_t whole[GROUP];
  // w = high << 11 + low, for 16-bit products: even taps in one half, odd taps in the other.
  int16_t even_high[2], even_low[2], odd_high[2], odd_low[2];
  // w = digits[2] << 16 + digits[1] << 8 + digits[0], signed, for 8-bit products.
  int8_t digits[3][GROUP];
} WeightGroup;

struct CLanczosAxis {
  int length_in;
  int length_out;
  int capacity;  // groups reserved for each output
  int *first;    // [length_out] the first group with nonzero weights
  int *count;    // [length_out] number of such groups
  WeightGroup *weights;  // [length_out, capacity]
};

/// Computes the sums for one output over a block of inputs [group, lane, 4]; `target` receives
/// LANES bytes.
typedef void (*Kernel)(
    const WeightGroup *weights, int count, const uint8_t *block, uint8_t *target);

void clanczos_portable(const WeightGroup *, int, const uint8_t *, uint8_t *);
#if defined(__x86_64__)
void clanczos_avx2(const WeightGroup *, int, const uint8_t *, uint8_t *);
void clanczos_avx512(const WeightGroup *, int, const uint8_t *, uint8_t *);
#endif

#endif
