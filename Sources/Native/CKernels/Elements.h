#ifndef CKERNELS_ELEMENTS_H
#define CKERNELS_ELEMENTS_H

#include "CKernels.h"
#include "CMachine.h"

#include <string.h>

// Loops over channels are short, so the last vector is masked instead of using a scalar loop. No
// iteration accesses memory that another one writes, so that the compiler checks no overlap.
#define SHORT_LOOP _Pragma("clang loop vectorize(assume_safety) vectorize_predicate(enable)")

// Each loop is written once for both number formats: its parameter `narrow` is a constant, and the
// compiler makes a copy of the loop for each format.
#define LOOP ALWAYS_INLINE void

/// Defines the copies of a loop, `name##_wide` and `name##_narrow`; FOR_ELEMENT chooses one.
#define FOR_BOTH_ELEMENTS(name)                                                                    \
  RANGE_LOOP(name##_wide) { name(context, start, end, 0); }                                        \
  RANGE_LOOP(name##_narrow) { name(context, start, end, 1); }
#define FOR_ELEMENT(name, element) ((element) == CELEMENT_BFLOAT16 ? name##_narrow : name##_wide)

ALWAYS_INLINE float widened(uint16_t bits) {
  union {
    uint32_t bits;
    float value;
  } u = {(uint32_t)bits << 16};
  return u.value;
}

/// The nearest 16-bit float; ties are rounded to even.
ALWAYS_INLINE uint16_t narrowed(float value) {
  union {
    float value;
    uint32_t bits;
  } u = {value};
  // Rounding could turn a NaN into infinity or zero.
  if (value != value) return 0x7fc0;
  return (uint16_t)((u.bits + 0x7fffu + (u.bits >> 16 & 1u)) >> 16);
}

ALWAYS_INLINE float load(const void *values, long at, int narrow) {
  return narrow ? widened(((const uint16_t *)values)[at]) : ((const float *)values)[at];
}

ALWAYS_INLINE void store(
    void *values, long at, int narrow, float value) {
  if (narrow)
    ((uint16_t *)values)[at] = narrowed(value);
  else
    ((float *)values)[at] = value;
}

/// The address of the value at `at`.
ALWAYS_INLINE const void *from(
    const void *values, long at, int narrow) {
  return (const char *)values + (narrow ? 2 : 4) * at;
}
ALWAYS_INLINE void *into(void *values, long at, int narrow) {
  return (char *)values + (narrow ? 2 : 4) * at;
}

#endif
