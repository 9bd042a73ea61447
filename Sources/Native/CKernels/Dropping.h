#ifndef CKERNELS_DROPPING_H
#define CKERNELS_DROPPING_H

#include "CMachine.h"

#include <stdint.h>

/// The choice of a dropout: a value is dropped if the draw of its number is below the threshold.
typedef struct {
  uint32_t key_low, key_high, threshold;
  float scale;
} Dropping;

static inline Dropping dropping_of(float rate, uint64_t key) {
  return (Dropping){
      (uint32_t)key, (uint32_t)(key >> 32), (uint32_t)((double)rate * 4294967296.0),
      1.0f / (1.0f - rate)};
}

/// A 32-bit hash in which every bit depends on all bits of the argument (the finaliser of
/// MurmurHash3), for a number or a vector of them.
#define MIXED(argument)                                                                            \
  ({                                                                                               \
    __auto_type x_ = (argument);                                                                   \
    x_ ^= x_ >> 16;                                                                                \
    x_ *= 0x85ebca6bu;                                                                             \
    x_ ^= x_ >> 13;                                                                                \
    x_ *= 0xc2b2ae35u;                                                                             \
    x_ ^ x_ >> 16;                                                                                 \
  })

/// The draws of the values with these numbers. For a key they are a permutation of all numbers.
#define DRAWS(d, numbers) MIXED(((numbers) ^ (d).key_high) * 0x9e3779b1u + (d).key_low)

/// Whether a value is dropped. `number` is its number in the order row, channel, pixel.
ALWAYS_INLINE int is_drawn(Dropping d, uint32_t number) {
  return DRAWS(d, number) < d.threshold;
}

/// A value after dropout.
ALWAYS_INLINE float dropped(Dropping d, float value, uint32_t number) {
  return is_drawn(d, number) ? 0.0f : value * d.scale;
}

#endif
