#include "CAugmentation.h"

#include "CMachine.h"

#include <math.h>

typedef struct {
  CWarpShape shape;
  const CWarp *warps;
  const uint8_t *bytes;
  float *values;
} Warps;

/// Number of positions computed at once, before their pixels are read one by one.
#define BLOCK 64

/// For each position on an axis, the two pixels around it and the weight of the second.
typedef struct {
  int low[BLOCK], high[BLOCK];
  float fraction[BLOCK];
} Places;

ALWAYS_INLINE void find_places(
    double first, double step, long from, long count, long length, int replicates,
    Places *restrict places) {
  double last = (double)(length - 1), period = 2 * last;
  double at[BLOCK];
  // cos(90 degrees) is not exactly 0: without the rounding, a rotation by 90 degrees would blend in
  // a little of the next pixel.
  for (long i = 0; i < count; i++)
    at[i] = rint((first + step * (double)(from + i)) * 0x1p20) * 0x1p-20;
  if (replicates || length == 1) {
    for (long i = 0; i < count; i++) at[i] = at[i] < 0 ? 0 : at[i] > last ? last : at[i];
  } else {
    for (long i = 0; i < count; i++) {
      double s = fabs(at[i]);
      s -= period * floor(s / period);
      s = s > last ? period - s : s;
      // After many enlargements a position may be too large to have a fractional part.
      at[i] = s >= 0 && s <= last ? s : 0;
    }
  }
  for (long i = 0; i < count; i++) {
    double whole = floor(at[i]);
    int low = (int)whole;
    places->low[i] = low;
    places->high[i] = low + 1 < length ? low + 1 : low;
    places->fraction[i] = (float)(at[i] - whole);
  }
}

ALWAYS_INLINE void warp_picture(
    CWarpShape shape, CWarp warp, long channels, const uint8_t *restrict image,
    float *restrict target) {
  Places across, down;
  for (long y = 0; y < shape.height; y++)
    for (long from = 0; from < shape.width; from += BLOCK) {
      long count = shape.width - from < BLOCK ? shape.width - from : BLOCK;
      find_places(
          warp.b * (double)y + warp.c, warp.a, from, count, shape.width, shape.replicates, &across);
      find_places(
          warp.e * (double)y + warp.f, warp.d, from, count, shape.height, shape.replicates, &down);
      float *restrict line = target + (y * shape.width + from) * channels;
      for (long i = 0; i < count; i++) {
        const uint8_t *restrict top = image + (long)down.low[i] * shape.width * channels;
        const uint8_t *restrict bottom = image + (long)down.high[i] * shape.width * channels;
        long left = across.low[i] * channels, right = across.high[i] * channels;
        float x = across.fraction[i], z = down.fraction[i];
        for (long c = 0; c < channels; c++) {
          float nw = top[left + c], ne = top[right + c];
          float sw = bottom[left + c], se = bottom[right + c];
          float upper = nw + (ne - nw) * x, lower = sw + (se - sw) * x;
          line[i * channels + c] = (upper + (lower - upper) * z) * warp.gain + warp.offset;
        }
      }
    }
}

ALWAYS_INLINE void erase(CWarpShape shape, CErasure erasure, float *image) {
  for (long y = erasure.top; y < erasure.top + erasure.height; y++) {
    float *line = image + (y * shape.width + erasure.left) * shape.channels;
    for (long at = 0; at < erasure.width * shape.channels; at++) line[at] = erasure.value;
  }
}

RANGE_LOOP(warp_range) {
  const Warps w = *(const Warps *)context;
  long size = w.shape.height * w.shape.width * w.shape.channels;
  for (long row = start; row < end; row++) {
    const uint8_t *image = w.bytes + row * size;
    float *target = w.values + row * size;
    // The compiler unrolls loops over a constant number of channels.
    if (w.shape.channels == 1)
      warp_picture(w.shape, w.warps[row], 1, image, target);
    else if (w.shape.channels == 3)
      warp_picture(w.shape, w.warps[row], 3, image, target);
    else
      warp_picture(w.shape, w.warps[row], w.shape.channels, image, target);
    erase(w.shape, w.warps[row].erasure, target);
  }
}

void ckernels_warp(CWarpShape shape, const CWarp *warps, const uint8_t *bytes, float *values) {
  Warps context = {shape, warps, bytes, values};
  cmachine_for_range(
      shape.rows, shape.rows * shape.height * shape.width * shape.channels, &context, warp_range);
}

typedef struct {
  CWarpShape shape;
  uint8_t *bytes;
} Mirror;

RANGE_LOOP(mirror_range) {
  const Mirror m = *(const Mirror *)context;
  long channels = m.shape.channels, line = m.shape.width * channels;
  // The range is over the lines of all images.
  for (long y = start; y < end; y++) {
    uint8_t *left = m.bytes + y * line, *right = left + line - channels;
    for (; left < right; left += channels, right -= channels)
      for (long c = 0; c < channels; c++) {
        uint8_t value = left[c];
        left[c] = right[c];
        right[c] = value;
      }
  }
}

void ckernels_mirror(CWarpShape shape, uint8_t *bytes) {
  Mirror context = {shape, bytes};
  long lines = shape.rows * shape.height;
  cmachine_for_range(lines, lines * shape.width * shape.channels, &context, mirror_range);
}
