#ifndef CLANCZOS_AXIS_H
#define CLANCZOS_AXIS_H

#include "CLanczos.h"

// The arithmetic is that of Pillow 12.2.0, so that samples equal those the recipes were made with:
// weights normalised in double precision, rounded half away from zero to 22 fractional bits, sums
// that start from one half, and a result of 8 bits after each pass.
enum { FRACTION_BITS = 22 };

/// Inputs are taken in groups of four that begin at multiples of four, so that they are laid out
/// once for all outputs; what a group has too much gets the weight zero.
enum { GROUP = 4 };

/// How many sums are computed side by side: 16 rows of RGB or 48 of gray.
enum { LANES = 48 };

/// One group of weights in the form each path wants. All three say the same numbers.
typedef struct {
  int32_t whole[GROUP];
  // w = high << 11 + low, for products of 16 bits: even taps in one half, odd ones in the other.
  int16_t even_high[2], even_low[2], odd_high[2], odd_low[2];
  // w = digits[2] << 16 + digits[1] << 8 + digits[0], signed, for products of 8 bits.
  int8_t digits[3][GROUP];
} WeightGroup;

struct CLanczosAxis {
  int length_in;
  int length_out;
  int capacity;  // groups reserved for each output
  int *first;    // [length_out] the first group that counts
  int *count;    // [length_out] how many count
  WeightGroup *weights;  // [length_out, capacity]
};

/// Sums for one output over a block of inputs [group, lane, 4]; `target` gets LANES bytes.
typedef void (*Kernel)(
    const WeightGroup *weights, int count, const uint8_t *block, uint8_t *target);

void clanczos_portable(const WeightGroup *, int, const uint8_t *, uint8_t *);
#if defined(__x86_64__)
void clanczos_avx2(const WeightGroup *, int, const uint8_t *, uint8_t *);
void clanczos_avx512(const WeightGroup *, int, const uint8_t *, uint8_t *);
#endif

#endif
