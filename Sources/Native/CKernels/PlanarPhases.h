#ifndef CKERNELS_PLANAR_PHASES_H
#define CKERNELS_PLANAR_PHASES_H

#include "Elements.h"
#include "PlanarPool.h"
#include "PlanarSums.h"

// With AVX-512 a vector holds sixteen windows of the pool, and the four pixels of the windows are four
// vectors, so that the pool compares whole vectors. The input is copied to phases for this: the pixels
// of even and odd rows and columns, as four planes. In a phase, the pixels of a tap for neighbouring
// windows are neighbours.
//
// The elements of a phase are floats, or pairs of 16-bit floats whose products one instruction adds:
// those of two channels, or of two neighbouring pixels if there is one channel. A kernel of an odd side
// then has a factor of 0 for the pixel to the right of it.

#if defined(__x86_64__)
#include <immintrin.h>

#define AT_BF16 __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
/// The four pixels of a window.
#define POSITIONS 4

/// Where a tap finds its values for each of the four positions, from the first window on.
typedef struct {
  long count;
  long offsets[MAX_TAPS][POSITIONS];
} WindowTaps;

/// Which lanes of a block of sixteen are windows, and the number of windows before them.
typedef struct {
  uint32_t lanes;
  int32_t first;
} WindowBlock;

static inline int are_pairs_of_pixels(CPlanarShape s) { return s.channels == 1; }

/// The number of planes of each phase.
static inline long phase_planes(CPlanarShape s) {
  return s.narrow ? (s.channels + 1) / 2 : s.channels;
}

/// The taps in the order of pack_phases.
static inline void place_phase_taps(CPlanarShape s, Plan p, WindowTaps *taps) {
  long columns = s.narrow && are_pairs_of_pixels(s) ? (s.kernel + 1) / 2 : s.kernel;
  long step = s.narrow && are_pairs_of_pixels(s) ? 2 : 1;
  taps->count = 0;
  for (long c = 0; c < phase_planes(s); c++)
    for (long i = 0; i < s.kernel; i++)
      for (long j = 0; j < columns; j++, taps->count++)
        for (long at = 0; at < POSITIONS; at++) {
          long y = at / 2 + i, x = at % 2 + j * step;
          long phase = c * 4 + y % 2 * 2 + x % 2;
          taps->offsets[taps->count][at] = phase * p.phase + y / 2 * p.phase_width + x / 2;
        }
}

/// Packs the kernel as [group, tap, GROUP] of floats or pairs of 16-bit floats.
static inline void pack_phases(CPlanarShape s, Plan p, const float *kernel, float *packed) {
  long count = 0;
  for (long f = 0; f < grouped(s.filters); f += GROUP)
    for (long c = 0; c < s.channels; c += s.narrow ? 2 : 1)
      for (long i = 0; i < s.kernel; i++)
        for (long j = 0; j < s.kernel; j += s.narrow && are_pairs_of_pixels(s) ? 2 : 1)
          for (long g = 0; g < GROUP; g++) {
            int is_inside = f + g < s.filters;
            const float *from = kernel +
                (is_inside ? ((i * s.kernel + j) * s.channels + c) * s.filters + f + g : 0);
            float value = is_inside ? *from : 0.0f;
            if (!s.narrow) {
              packed[count++] = value;
              continue;
            }
            int has_other = is_inside && (are_pairs_of_pixels(s) ? j + 1 < s.kernel : c + 1 < s.channels);
            // The next pixel of one channel, or the next channel: both are `filters` further on.
            float other = has_other ? from[s.filters] : 0.0f;
            ((Bits *)packed)[count++] =
                (Bits)narrowed(value) | (Bits)narrowed(other) << 16;
          }
}

/// Lists the blocks of windows; returns their number.
static inline long list_blocks(Plan p, WindowBlock *blocks) {
  long count = 0, first = 0;
  for (long start = 0; start < p.pool_height * p.phase_width; start += LANES, count++) {
    blocks[count] = (WindowBlock){0, (int32_t)first};
    for (long lane = 0; lane < LANES; lane++) {
      long at = start + lane;
      if (at >= p.pool_height * p.phase_width || at % p.phase_width >= p.pool_width) continue;
      blocks[count].lanes |= 1u << lane;
      first++;
    }
  }
  return count;
}

static inline __mmask16 first_lanes(long count) {
  return count >= LANES ? 0xffff : count <= 0 ? 0 : (__mmask16)((1 << count) - 1);
}

/// Where a line of the input goes in a phase of even columns; the odd ones lie a phase further on. What
/// is written beyond a line is overwritten by the next one, or lies beyond the last one.
static inline float *phase_line(Plan p, float *phases, long y) {
  return phases + y % 2 * 2 * p.phase + y / 2 * p.phase_width;
}

/// Copies one plane of an image to its four phases.
AT_AVX512 static void split_phases(CPlanarShape s, Plan p, const float *plane, float *phases) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  long whole = s.width / (2 * LANES) * 2 * LANES, left = s.width - whole;
  __mmask16 low_mask = first_lanes(left), high_mask = first_lanes(left - LANES);
  for (long y = 0; y < s.height; y++) {
    float *to = phase_line(p, phases, y);
    const float *from = plane + y * s.width;
    for (long x = 0; x < s.width; x += 2 * LANES) {
      __m512 low = x < whole ? _mm512_loadu_ps(from + x) : _mm512_maskz_loadu_ps(low_mask, from + x);
      __m512 high = x < whole ? _mm512_loadu_ps(from + x + LANES)
                              : _mm512_maskz_loadu_ps(high_mask, from + x + LANES);
      _mm512_storeu_ps(to + x / 2, _mm512_permutex2var_ps(low, even, high));
      _mm512_storeu_ps(to + p.phase + x / 2, _mm512_permutex2var_ps(low, odd, high));
    }
  }
}

/// Copies a plane of an image to the pairs of each pixel and the next one.
AT_BF16 static void pair_pixels(CPlanarShape s, Plan p, const float *plane, float *phases) {
  for (long shift = 0; shift < 2; shift++) {
    long width = s.width - shift;
    long whole = width / (2 * LANES) * 2 * LANES, left = width - whole;
    __mmask16 low_mask = first_lanes(left), high_mask = first_lanes(left - LANES);
    for (long y = 0; y < s.height; y++) {
      float *to = phase_line(p, phases, y) + shift * p.phase;
      const float *from = plane + y * s.width + shift;
      for (long x = 0; x < width; x += 2 * LANES) {
        __m512 low = x < whole ? _mm512_loadu_ps(from + x) : _mm512_maskz_loadu_ps(low_mask, from + x);
        __m512 high = x < whole ? _mm512_loadu_ps(from + x + LANES)
                                : _mm512_maskz_loadu_ps(high_mask, from + x + LANES);
        _mm512_storeu_si512(to + x / 2, (__m512i)_mm512_cvtne2ps_pbh(high, low));
      }
    }
  }
}

/// Copies two planes of an image, `other` may be NULL, to pairs.
AT_BF16 static void pair_planes(
    CPlanarShape s, Plan p, const float *plane, const float *other, float *phases) {
  static const uint16_t order[32] = {0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30,
                                     1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31};
  __m512i lanes = _mm512_loadu_si512(order);
  long whole = s.width / LANES * LANES;
  __mmask16 mask = first_lanes(s.width - whole);
  for (long y = 0; y < s.height; y++) {
    float *to = phase_line(p, phases, y);
    for (long x = 0; x < s.width; x += LANES) {
      __mmask16 inside = x < whole ? 0xffff : mask;
      __m512 low = _mm512_maskz_loadu_ps(inside, plane + y * s.width + x);
      __m512 high = other == NULL ? _mm512_setzero_ps()
                                  : _mm512_maskz_loadu_ps(inside, other + y * s.width + x);
      __m512i pairs = _mm512_permutexvar_epi16(lanes, (__m512i)_mm512_cvtne2ps_pbh(high, low));
      _mm256_storeu_si256((__m256i *)(to + x / 2), _mm512_castsi512_si256(pairs));
      _mm256_storeu_si256((__m256i *)(to + p.phase + x / 2), _mm512_extracti64x4_epi64(pairs, 1));
    }
  }
}

typedef uint32_t Draws __attribute__((vector_size(64)));

/// Which of sixteen values, from this number on, are dropped.
AT_AVX512 static inline __mmask16 drawn_lanes(Dropping d, uint32_t number) {
  const Draws lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Draws draw = DRAWS(d, lanes + number);
  return _mm512_cmplt_epu32_mask((__m512i)draw, _mm512_set1_epi32((int)d.threshold));
}

/// Where the maxima of some planes go. A plane has `pooled` values and follows the one before it.
typedef struct {
  float *values;
  uint8_t *places;
  long pooled;
  int drops;
  Finish finish;
} Maxima;

/// The maximum of four pixels and which of them it is, the first one if several are equal. A NaN is
/// larger than any number.
AT_AVX512 static __attribute__((noinline)) __m512 largest_with_nan(
    __m512 a, __m512 b, __m512 c, __m512 d, __m512i *place) {
  __m512 largest = a;
  *place = _mm512_setzero_si512();
  const __m512 others[3] = {b, c, d};
  for (int i = 0; i < 3; i++) {
    __mmask16 is_larger = _mm512_cmp_ps_mask(others[i], largest, _CMP_GT_OQ) |
        _mm512_cmp_ps_mask(others[i], others[i], _CMP_UNORD_Q);
    largest = _mm512_mask_mov_ps(largest, is_larger, others[i]);
    *place = _mm512_mask_mov_epi32(*place, is_larger, _mm512_set1_epi32(i + 1));
  }
  return largest;
}

/// Writes the maxima of sixteen windows of plane `g`, those of `block` next to each other, and where
/// they come from.
__attribute__((always_inline)) AT_AVX512 static inline void pool_block(
    WindowBlock block, long g, const Maxima *to, __m512 a, __m512 b, __m512 c, __m512 d) {
  const __m512 minimum = _mm512_set1_ps(to->finish.relu ? 0.0f : -__builtin_inff());
  const __m512i none = _mm512_set1_epi32(4);
  // The second operand is the result if the first one is not larger.
  __m512 largest = _mm512_max_ps(_mm512_max_ps(d, c), _mm512_max_ps(b, a));
  __m512i place = _mm512_mask_mov_epi32(
      _mm512_set1_epi32(3), _mm512_cmp_ps_mask(c, largest, _CMP_EQ_OQ), _mm512_set1_epi32(2));
  place = _mm512_mask_mov_epi32(
      place, _mm512_cmp_ps_mask(b, largest, _CMP_EQ_OQ), _mm512_set1_epi32(1));
  place = _mm512_mask_mov_epi32(
      place, _mm512_cmp_ps_mask(a, largest, _CMP_EQ_OQ), _mm512_setzero_si512());
  __mmask16 has_nan =
      _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q) | _mm512_cmp_ps_mask(c, d, _CMP_UNORD_Q);
  if (__builtin_expect(has_nan != 0, 0)) largest = largest_with_nan(a, b, c, d, &place);
  __mmask16 is_least = _mm512_cmp_ps_mask(largest, minimum, _CMP_LE_OQ);
  __mmask16 lanes = (__mmask16)block.lanes;
  largest = _mm512_maskz_compress_ps(lanes, _mm512_mask_mov_ps(largest, is_least, minimum));
  place = _mm512_maskz_compress_epi32(lanes, _mm512_mask_mov_epi32(place, is_least, none));
  long first = g * to->pooled + block.first;
  if (to->drops) {
    __mmask16 is_dropped = drawn_lanes(to->finish.dropping, to->finish.number + (uint32_t)first);
    largest = _mm512_mul_ps(largest, _mm512_set1_ps(to->finish.dropping.scale));
    largest = _mm512_mask_mov_ps(largest, is_dropped, _mm512_setzero_ps());
    place = _mm512_mask_mov_epi32(place, is_dropped, none);
  }
  __m128i places = _mm512_cvtepi32_epi8(place);
  // What is written beyond the windows of a block is overwritten by the next one. Stores under a
  // mask are slow on some processors.
  if (block.first + LANES <= to->pooled) {
    _mm512_storeu_ps(to->values + first, largest);
    _mm_storeu_si128((__m128i *)(to->places + first), places);
  } else {
    __mmask16 inside = first_lanes(to->pooled - block.first);
    _mm512_mask_storeu_ps(to->values + first, inside, largest);
    _mm_mask_storeu_epi8(to->places + first, inside, places);
  }
}

/// Defines a function that computes sixteen windows of up to GROUP filters.
#define POOL_WINDOWS(name, attributes, load, everywhere, add_product)                              \
  attributes static void name(                                                                     \
      const float *phases, const WindowTaps *taps, const float *kernel, const float *bias,         \
      WindowBlock block, long filters, const Maxima *to) {                                         \
    __m512 s[POSITIONS][GROUP];                                                                    \
    for (int at = 0; at < POSITIONS; at++)                                                         \
      for (int g = 0; g < GROUP; g++) s[at][g] = _mm512_set1_ps(bias[g]);                          \
    for (long t = 0; t < taps->count; t++) {                                                       \
      __auto_type first = load(phases + taps->offsets[t][0]);                                      \
      __auto_type second = load(phases + taps->offsets[t][1]);                                     \
      __auto_type third = load(phases + taps->offsets[t][2]);                                      \
      __auto_type fourth = load(phases + taps->offsets[t][3]);                                     \
      for (int g = 0; g < GROUP; g++) {                                                            \
        __auto_type weight = everywhere(kernel + t * GROUP + g);                                   \
        s[0][g] = add_product(s[0][g], first, weight);                                             \
        s[1][g] = add_product(s[1][g], second, weight);                                            \
        s[2][g] = add_product(s[2][g], third, weight);                                             \
        s[3][g] = add_product(s[3][g], fourth, weight);                                            \
      }                                                                                            \
    }                                                                                              \
    _Pragma("clang loop unroll(full)") for (int g = 0; g < GROUP; g++)                             \
      if (g < filters) pool_block(block, g, to, s[0][g], s[1][g], s[2][g], s[3][g]);               \
  }

#define LOAD_PAIRS(from) ((__m512bh)_mm512_loadu_si512(from))
#define PAIR_EVERYWHERE(from)                                                                      \
  ((__m512bh)_mm512_set1_epi32(*(const int __attribute__((may_alias)) *)(from)))
#define FLOAT_EVERYWHERE(from) _mm512_set1_ps(*(from))
#define ADD_PRODUCT(sum, value, weight) _mm512_fmadd_ps(value, weight, sum)
POOL_WINDOWS(pool_windows, AT_AVX512, _mm512_loadu_ps, FLOAT_EVERYWHERE, ADD_PRODUCT)
POOL_WINDOWS(pool_windows_of_pairs, AT_BF16, LOAD_PAIRS, PAIR_EVERYWHERE, _mm512_dpbf16_ps)
#endif

#endif
