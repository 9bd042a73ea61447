#include "Axis.h"

// Written for automatic vectorisation: on 64-bit ARM one de-interleaving load reads the four bytes
// of each lane.
void clanczos_portable(
    const WeightGroup *weights, int count, const uint8_t *block, uint8_t *target) {
  int32_t sums[LANES];
  for (int lane = 0; lane < LANES; lane++) sums[lane] = 1 << (FRACTION_BITS - 1);
  for (int group = 0; group < count; group++, block += LANES * GROUP) {
    const int32_t *w = weights[group].whole;
    for (int lane = 0; lane < LANES; lane++) {
      const uint8_t *taps = block + lane * GROUP;
      sums[lane] += w[0] * taps[0] + w[1] * taps[1] + w[2] * taps[2] + w[3] * taps[3];
    }
  }
  for (int lane = 0; lane < LANES; lane++) {
    int32_t value = sums[lane] >> FRACTION_BITS;
    target[lane] = value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
  }
}
