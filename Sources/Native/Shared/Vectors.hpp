// Vectors of one instruction set; LANES is the number of floats of one. Included within the
// namespace of the instruction set, after <cstdint> and <cstring>.

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef float LooseVector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));
typedef int32_t Mask __attribute__((vector_size(4 * LANES)));
typedef uint16_t Halves __attribute__((vector_size(2 * LANES)));
typedef uint16_t LooseHalves __attribute__((vector_size(2 * LANES), aligned(2), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE Vector load(const float *from) { return *(const LooseVector *)from; }
INLINE void store(float *to, Vector value) { *(LooseVector *)to = value; }

INLINE Vector widened(Halves halves) {
  Words words = __builtin_convertvector(halves, Words) << 16;
  Vector value;
  memcpy(&value, &words, sizeof value);
  return value;
}

/// The nearest 16-bit floats; ties are rounded to even, NaN stays NaN.
INLINE Halves narrowed(Vector value) {
  Words words;
  memcpy(&words, &value, sizeof words);
  Words rounded = (words + 0x7fffu + (words >> 16 & 1u)) >> 16;
  Words isNumber = (Words)(value == value);
  rounded = (rounded & isNumber) | (0x7fc0u & ~isNumber);
  return __builtin_convertvector(rounded, Halves);
}

/// Values of a number format, of which the last of a row may not fill a vector.
template <bool NARROW> struct Format {
  INLINE Vector get(const void *values, long at, long lanes) {
    if (lanes == LANES) {
      if (NARROW) return widened(*(const LooseHalves *)((const uint16_t *)values + at));
      return load((const float *)values + at);
    }
    return gather(values, at, lanes, 1, 0);
  }

  /// `count` times `lanes` values, one after the other; the first of each are `step` values apart.
  INLINE Vector gather(const void *values, long at, long lanes, long count, long step) {
    float some[LANES] = {}, *next = some;
    for (long part = 0; part < count; part++, at += step)
      for (long lane = 0; lane < lanes; lane++, next++) {
        if (NARROW) {
          uint32_t bits = (uint32_t)((const uint16_t *)values)[at + lane] << 16;
          memcpy(next, &bits, 4);
        } else {
          *next = ((const float *)values)[at + lane];
        }
      }
    return load(some);
  }

  INLINE void put(void *values, long at, long lanes, Vector value) {
    if (NARROW) {
      Halves halves = narrowed(value);
      if (lanes == LANES)
        *(LooseHalves *)((uint16_t *)values + at) = halves;
      else
        memcpy((uint16_t *)values + at, &halves, (size_t)(2 * lanes));
    } else if (lanes == LANES) {
      store((float *)values + at, value);
    } else {
      memcpy((float *)values + at, &value, (size_t)(4 * lanes));
    }
  }
};

/// Number of channels in a block.
INLINE long lanes(long channels, long block) {
  return channels - block * LANES < LANES ? channels - block * LANES : LANES;
}

/// The values where others are positive, and 0 elsewhere: the gradient of a ReLU from its output.
INLINE Vector where_positive(Vector value, Vector output) {
  Mask bits;
  memcpy(&bits, &value, sizeof bits);
  bits &= output > 0.0f;
  memcpy(&value, &bits, sizeof value);
  return value;
}
