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
/// MurmurHash3).
ALWAYS_INLINE uint32_t mixed(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

/// A value after dropout. `number` is its number in the order row, channel, pixel.
ALWAYS_INLINE float dropped(Dropping d, float value, uint32_t number) {
  uint32_t draw = mixed(mixed(number ^ d.key_low) + d.key_high);
  return draw >= d.threshold ? value * d.scale : 0.0f;
}

#endif
