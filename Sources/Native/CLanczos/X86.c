#include "Axis.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

static inline int32_t pair(const int16_t halves[2]) {
  int32_t both;
  memcpy(&both, halves, sizeof both);
  return both;
}

// Sixteen-bit products: each weight is split into two halves, so that all products and sums are
// exact.
__attribute__((target("avx2"))) void clanczos_avx2(
    const WeightGroup *weights, int count, const uint8_t *block, uint8_t *target) {
  enum { VECTORS = LANES / 8 };
  __m256i high[VECTORS], low[VECTORS];
  for (int i = 0; i < VECTORS; i++) {
    high[i] = _mm256_setzero_si256();
    low[i] = _mm256_set1_epi32(1 << (FRACTION_BITS - 1));
  }
  const __m256i even_bytes = _mm256_set1_epi16(0x00FF);
  for (int group = 0; group < count; group++, block += LANES * GROUP) {
    const WeightGroup *w = weights + group;
    const __m256i even_high = _mm256_set1_epi32(pair(w->even_high));
    const __m256i even_low = _mm256_set1_epi32(pair(w->even_low));
    const __m256i odd_high = _mm256_set1_epi32(pair(w->odd_high));
    const __m256i odd_low = _mm256_set1_epi32(pair(w->odd_low));
    for (int i = 0; i < VECTORS; i++) {
      __m256i taps = _mm256_loadu_si256((const __m256i *)(block + i * 32));
      __m256i even = _mm256_and_si256(taps, even_bytes);
      __m256i odd = _mm256_srli_epi16(taps, 8);
      high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(even, even_high));
      low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(even, even_low));
      high[i] = _mm256_add_epi32(high[i], _mm256_madd_epi16(odd, odd_high));
      low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(odd, odd_low));
    }
  }
  // Packing works within 128 bits: one half contains a 0-3, b 0-3 and the other a 4-7, b 4-7.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (int i = 0; i < VECTORS; i += 2) {
    __m256i a = _mm256_srai_epi32(
        _mm256_add_epi32(_mm256_slli_epi32(high[i], 11), low[i]), FRACTION_BITS);
    __m256i b = _mm256_srai_epi32(
        _mm256_add_epi32(_mm256_slli_epi32(high[i + 1], 11), low[i + 1]), FRACTION_BITS);
    __m256i words = _mm256_packs_epi32(a, b);
    __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, words), order);
    _mm_storeu_si128((__m128i *)(target + i * 8), _mm256_castsi256_si128(bytes));
  }
}

// Eight-bit products of four taps at a time: each weight is split into three signed digits.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void clanczos_avx512(
    const WeightGroup *weights, int count, const uint8_t *block, uint8_t *target) {
  enum { VECTORS = LANES / 16 };
  __m512i sums[VECTORS][3];
  for (int i = 0; i < VECTORS; i++) {
    sums[i][0] = _mm512_set1_epi32(1 << (FRACTION_BITS - 1));
    sums[i][1] = sums[i][2] = _mm512_setzero_si512();
  }
  for (int group = 0; group < count; group++, block += LANES * GROUP) {
    __m512i digits[3];
    for (int digit = 0; digit < 3; digit++) {
      int32_t four;
      memcpy(&four, weights[group].digits[digit], sizeof four);
      digits[digit] = _mm512_set1_epi32(four);
    }
    for (int i = 0; i < VECTORS; i++) {
      __m512i taps = _mm512_loadu_si512(block + i * 64);
      for (int digit = 0; digit < 3; digit++)
        sums[i][digit] = _mm512_dpbusd_epi32(sums[i][digit], taps, digits[digit]);
    }
  }
  for (int i = 0; i < VECTORS; i++) {
    __m512i sum = _mm512_add_epi32(
        _mm512_add_epi32(_mm512_slli_epi32(sums[i][2], 16), _mm512_slli_epi32(sums[i][1], 8)),
        sums[i][0]);
    __m512i value = _mm512_max_epi32(
        _mm512_srai_epi32(sum, FRACTION_BITS), _mm512_setzero_si512());
    _mm_storeu_si128((__m128i *)(target + i * 16), _mm512_cvtusepi32_epi8(value));
  }
}
#endif
