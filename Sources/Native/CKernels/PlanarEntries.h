#ifndef CKERNELS_PLANAR_ENTRIES_H
#define CKERNELS_PLANAR_ENTRIES_H

#include "PlanarPlan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// The gradient of one filter before the pool, times `scale`: one pixel of each window, and none where
/// ReLU or dropout made it 0. `values` are those that are not 0, and `offsets` their pixels' positions in the
/// input.
typedef struct {
  long count;
  float *values;
  int32_t *offsets;
} Entries;

/// The same for all windows of a filter: a value and the offset of the shifted kernel. Windows with a
/// value have the bit of the filter in `filters`.
typedef struct {
  float *values;
  int32_t *kernels;
  uint32_t *filters;
  uint32_t bit;
} Windows;

/// Where the four pixels of a window are, relative to the first one, and the shifted kernels of
/// these four. The fifth, of windows without a gradient, is never read from.
typedef struct {
  int32_t pixels[LANES], kernels[LANES];
} Shifts;

INLINE Entries list_entries_narrow(
    const float *gradient, float scale, const uint8_t *place, const int32_t *windows, Shifts shifts, long count,
    Entries entries, const Windows *all) {
  long n = 0;
  for (long i = 0; i < count; i++) {
    float value = gradient[i] * scale;
    int some = place[i] < 4 && value != 0.0f;
    entries.values[n] = value;
    entries.offsets[n] = windows[i] + shifts.pixels[place[i]];
    n += some;
    if (all == NULL) continue;
    all->values[i] = value;
    all->kernels[i] = shifts.kernels[place[i]];
    all->filters[i] |= some ? all->bit : 0;
  }
  entries.count = n;
  return entries;
}

#if defined(__x86_64__)
/// The lanes of the set bits of `mask`, in ascending order, four bits each. (Some processors need
/// hundreds of cycles for the instruction pext.)
INLINE uint32_t set_lanes(uint32_t mask) {
  static const uint16_t lanes[16] = {0x0, 0x0,  0x1,  0x10,  0x2,  0x20,  0x21,  0x210,
                                     0x3, 0x30, 0x31, 0x310, 0x32, 0x320, 0x321, 0x3210};
  uint32_t low = mask & 15, high = mask >> 4;
  return lanes[low] | (lanes[high] + 0x4444u) << 4 * __builtin_popcount(low);
}

/// Eight windows at a time. What it writes beyond the last entry lies within `count` entries.
AT_AVX2 static inline Entries list_entries_middle(
    const float *gradient, float scale, const uint8_t *place, const int32_t *windows, Shifts shifts, long count,
    Entries entries, const Windows *all) {
  const __m256i lanes = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
  __m256i pixels = _mm256_loadu_si256((const __m256i *)shifts.pixels);
  __m256i kernels = _mm256_loadu_si256((const __m256i *)shifts.kernels);
  long n = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256 value = _mm256_mul_ps(_mm256_loadu_ps(gradient + i), _mm256_set1_ps(scale));
    __m256i places = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(place + i)));
    __m256 some = _mm256_and_ps(
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(4), places)),
        _mm256_cmp_ps(value, _mm256_setzero_ps(), _CMP_NEQ_UQ));
    uint32_t mask = (uint32_t)_mm256_movemask_ps(some);
    __m256i order = _mm256_srlv_epi32(_mm256_set1_epi32((int)set_lanes(mask)), lanes);
    __m256i offsets = _mm256_add_epi32(
        _mm256_loadu_si256((const __m256i *)(windows + i)),
        _mm256_permutevar8x32_epi32(pixels, places));
    _mm256_storeu_ps(entries.values + n, _mm256_permutevar8x32_ps(value, order));
    _mm256_storeu_si256((__m256i *)(entries.offsets + n), _mm256_permutevar8x32_epi32(offsets, order));
    n += __builtin_popcount(mask);
    if (all == NULL) continue;
    _mm256_storeu_ps(all->values + i, value);
    _mm256_storeu_si256((__m256i *)(all->kernels + i), _mm256_permutevar8x32_epi32(kernels, places));
    __m256i *filters = (__m256i *)(all->filters + i);
    __m256i own = _mm256_and_si256(_mm256_castps_si256(some), _mm256_set1_epi32((int)all->bit));
    _mm256_storeu_si256(filters, _mm256_or_si256(_mm256_loadu_si256(filters), own));
  }
  Windows rest = {};
  if (all != NULL)
    rest = (Windows){all->values + i, all->kernels + i, all->filters + i, all->bit};
  Entries last = list_entries_narrow(
      gradient + i, scale, place + i, windows + i, shifts, count - i,
      (Entries){0, entries.values + n, entries.offsets + n}, all == NULL ? NULL : &rest);
  entries.count = n + last.count;
  return entries;
}

AT_AVX512 static inline Entries list_entries_wide(
    const float *gradient, float scale, const uint8_t *place, const int32_t *windows, Shifts shifts, long count,
    Entries entries, const Windows *all) {
  __m512i pixels = _mm512_loadu_si512(shifts.pixels), kernels = _mm512_loadu_si512(shifts.kernels);
  long n = 0;
  for (long i = 0; i < count; i += LANES) {
    __mmask16 inside = count - i >= LANES ? 0xffff : (__mmask16)((1 << (count - i)) - 1);
    __m512 value =
        _mm512_mul_ps(_mm512_maskz_loadu_ps(inside, gradient + i), _mm512_set1_ps(scale));
    __m512i places = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(inside, place + i));
    __mmask16 some = inside & _mm512_cmplt_epi32_mask(places, _mm512_set1_epi32(4)) &
        _mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    __m512i offsets = _mm512_add_epi32(
        _mm512_maskz_loadu_epi32(inside, windows + i), _mm512_permutexvar_epi32(places, pixels));
    // A compressing store is slow on some processors.
    _mm512_storeu_ps(entries.values + n, _mm512_maskz_compress_ps(some, value));
    _mm512_storeu_si512(entries.offsets + n, _mm512_maskz_compress_epi32(some, offsets));
    n += __builtin_popcount(some);
    if (all == NULL) continue;
    _mm512_storeu_ps(all->values + i, value);
    _mm512_storeu_si512(all->kernels + i, _mm512_permutexvar_epi32(places, kernels));
    __m512i filters = _mm512_loadu_si512(all->filters + i);
    filters = _mm512_mask_or_epi32(filters, some, filters, _mm512_set1_epi32((int)all->bit));
    _mm512_storeu_si512(all->filters + i, filters);
  }
  entries.count = n;
  return entries;
}
#else
#define list_entries_wide list_entries_narrow
#define list_entries_middle list_entries_narrow
#endif

#endif
