#ifndef CKERNELS_PLANAR_POOL_H
#define CKERNELS_PLANAR_POOL_H

#include "PlanarVectors.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

INLINE void pool_line(
    long count, int relu, const float *restrict above, const float *restrict below,
    float *restrict largest, uint8_t *restrict which) {
  float minimum = relu ? 0.0f : -__builtin_inff();
  for (long x = 0; x < count; x++) {
    float a = above[2 * x], b = above[2 * x + 1], c = below[2 * x], d = below[2 * x + 1];
    // A NaN propagates to the maximum from any position, because comparisons with NaN are false.
    int right_above = b > a || b != b, right_below = d > c || d != d;
    float upper = right_above ? b : a, lower = right_below ? d : c;
    Bits of_upper = right_above ? 1 : 0, of_lower = right_below ? 3 : 2;
    int is_lower = lower > upper || lower != lower;
    float maximum = is_lower ? lower : upper;
    Bits of_maximum = is_lower ? of_lower : of_upper;
    largest[x] = maximum <= minimum ? minimum : maximum;
    which[x] = (uint8_t)(maximum <= minimum ? 4 : of_maximum);
  }
}

#if defined(__x86_64__)
/// The same for a whole line, sixteen windows at a time. Reads up to 31 values beyond the line.
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static inline void pool_line_wide(
    long count, int relu, const float *above, const float *below, float *largest, uint8_t *which) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  const __m512 minimum = _mm512_set1_ps(relu ? 0.0f : -__builtin_inff());
  for (long x = 0; x < count; x += LANES) {
    __mmask16 inside = count - x >= LANES ? 0xffff : (__mmask16)((1 << (count - x)) - 1);
    __m512 first = _mm512_loadu_ps(above + 2 * x), second = _mm512_loadu_ps(above + 2 * x + LANES);
    __m512 third = _mm512_loadu_ps(below + 2 * x), fourth = _mm512_loadu_ps(below + 2 * x + LANES);
    __m512 a = _mm512_permutex2var_ps(first, even, second);
    __m512 b = _mm512_permutex2var_ps(first, odd, second);
    __m512 c = _mm512_permutex2var_ps(third, even, fourth);
    __m512 d = _mm512_permutex2var_ps(third, odd, fourth);
    __mmask16 right_above = _mm512_cmp_ps_mask(b, a, _CMP_GT_OQ) | _mm512_cmp_ps_mask(b, b, _CMP_UNORD_Q);
    __mmask16 right_below = _mm512_cmp_ps_mask(d, c, _CMP_GT_OQ) | _mm512_cmp_ps_mask(d, d, _CMP_UNORD_Q);
    __m512 upper = _mm512_mask_mov_ps(a, right_above, b), lower = _mm512_mask_mov_ps(c, right_below, d);
    __mmask16 is_lower =
        _mm512_cmp_ps_mask(lower, upper, _CMP_GT_OQ) | _mm512_cmp_ps_mask(lower, lower, _CMP_UNORD_Q);
    __m512 maximum = _mm512_mask_mov_ps(upper, is_lower, lower);
    __mmask16 is_least = _mm512_cmp_ps_mask(maximum, minimum, _CMP_LE_OQ);
    __mmask16 right = (is_lower & right_below) | (right_above & (__mmask16)~is_lower);
    __m128i place = _mm_or_si128(
        _mm_maskz_set1_epi8(right, 1), _mm_maskz_set1_epi8(is_lower, 2));
    place = _mm_mask_mov_epi8(place, is_least, _mm_set1_epi8(4));
    _mm512_mask_storeu_ps(largest + x, inside, _mm512_mask_mov_ps(maximum, is_least, minimum));
    _mm_mask_storeu_epi8(which + x, inside, place);
  }
}
#else
#define pool_line_wide pool_line
#endif

#endif
