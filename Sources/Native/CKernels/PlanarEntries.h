#ifndef CKERNELS_PLANAR_ENTRIES_H
#define CKERNELS_PLANAR_ENTRIES_H

#include "PlanarPlan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// The gradient of one filter before the pool: one pixel of each window, and none where ReLU or
/// dropout made it 0. `values` are those that are not 0, and `offsets` their pixels' positions in the
/// input.
typedef struct {
  long count;
  float *values;
  int32_t *offsets;
} Entries;

/// The same for all windows of a filter: a value, 0 for none, and the offset of the shifted kernel.
typedef struct {
  float *values;
  int32_t *kernels;
} Windows;

/// Where the four pixels of a window are, relative to the first one, and the shifted kernels of
/// these four. The fifth, of windows without a gradient, is never read from.
typedef struct {
  int32_t pixels[LANES], kernels[LANES];
} Shifts;

INLINE Entries list_entries_narrow(
    const float *gradient, const uint8_t *place, const int32_t *windows, Shifts shifts, long count,
    Entries entries, const Windows *all) {
  long n = 0;
  for (long i = 0; i < count; i++) {
    int some = place[i] < 4 && gradient[i] != 0.0f;
    entries.values[n] = gradient[i];
    entries.offsets[n] = windows[i] + shifts.pixels[place[i]];
    n += some;
    if (all == NULL) continue;
    all->values[i] = some ? gradient[i] : 0.0f;
    all->kernels[i] = shifts.kernels[place[i]];
  }
  entries.count = n;
  return entries;
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static inline Entries
list_entries_wide(
    const float *gradient, const uint8_t *place, const int32_t *windows, Shifts shifts, long count,
    Entries entries, const Windows *all) {
  __m512i pixels = _mm512_loadu_si512(shifts.pixels), kernels = _mm512_loadu_si512(shifts.kernels);
  long n = 0;
  for (long i = 0; i < count; i += LANES) {
    __mmask16 inside = count - i >= LANES ? 0xffff : (__mmask16)((1 << (count - i)) - 1);
    __m512 value = _mm512_maskz_loadu_ps(inside, gradient + i);
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
    _mm512_storeu_ps(all->values + i, _mm512_maskz_mov_ps(some, value));
    _mm512_storeu_si512(all->kernels + i, _mm512_permutexvar_epi32(places, kernels));
  }
  entries.count = n;
  return entries;
}
#else
#define list_entries_wide list_entries_narrow
#endif

#endif
