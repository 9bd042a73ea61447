#include "Axis.h"
#include "CMachine.h"

#include <string.h>

CLanczosPath clanczos_best_path(void) {
#if defined(__x86_64__)
  CMachineLevel level = cmachine_level();
  if (level == CMACHINE_AVX512 && __builtin_cpu_supports("avx512vnni")) return CLANCZOS_AVX512;
  if (level >= CMACHINE_AVX2) return CLANCZOS_AVX2;
#endif
  return CLANCZOS_PORTABLE;
}

static Kernel kernel_of(CLanczosPath path) {
#if defined(__x86_64__)
  if (path == CLANCZOS_AVX512) return clanczos_avx512;
  if (path == CLANCZOS_AVX2) return clanczos_avx2;
#endif
  (void)path;
  return clanczos_portable;
}

static size_t group_count(const CLanczosAxis *axis) {
  return ((size_t)axis->length_in + GROUP - 1) / GROUP;
}

/// The size of one block in bytes: [group, lane, 4], with padding for the last store.
static size_t block_size(const CLanczosAxis *axis) {
  return group_count(axis) * LANES * GROUP + 64;
}

/// Transposes four pixels of three channels from [pixel, channel] to [channel, pixel].
static void gather_rgb(const uint8_t *pixels, uint8_t *lanes) {
#if defined(__x86_64__) || defined(__aarch64__)
  typedef uint8_t Bytes __attribute__((vector_size(16)));
  Bytes in;
  memcpy(&in, pixels, 16);
  Bytes out = __builtin_shufflevector(in, in, 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 12, 13, 14, 15);
  memcpy(lanes, &out, 16);
#else
  for (int channel = 0; channel < 3; channel++)
    for (int tap = 0; tap < GROUP; tap++) lanes[channel * GROUP + tap] = pixels[tap * 3 + channel];
#endif
}

/// Copies four columns of `rows` rows into the layout [row and channel, 4]. Rows are processed in
/// ascending order: each store overlaps four bytes of the next row, which is written after it.
static inline void lay_out_group(
    const uint8_t *pixels, size_t stride, int rows, int channels, uint8_t *lanes) {
  if (channels == 1) {
    for (int row = 0; row < rows; row++, pixels += stride, lanes += GROUP)
      memcpy(lanes, pixels, GROUP);
  } else {
    for (int row = 0; row < rows; row++, pixels += stride, lanes += 3 * GROUP)
      gather_rgb(pixels, lanes);
  }
}

/// Copies `rows` rows into the layout [group, row and channel, 4], so that an output is the same
/// sum over the groups in every lane.
ALWAYS_INLINE void lay_out_loop(
    const uint8_t *source, size_t stride, int rows, int length, int channels, uint8_t *block) {
  size_t line = (size_t)length * (size_t)channels;
  size_t step = GROUP * (size_t)channels;
  size_t start = 0;
  // A load reads sixteen bytes, even if the group has fewer.
  for (; start + 16 <= line; start += step, block += LANES * GROUP)
    lay_out_group(source + start, stride, rows, channels, block);
  for (; start < line; start += step, block += LANES * GROUP) {
    uint8_t last[LANES][16] = {{0}};
    for (int row = 0; row < rows; row++)
      memcpy(last[row], source + (size_t)row * stride + start, line - start);
    lay_out_group(last[0], sizeof last[0], rows, channels, block);
  }
}
// The shuffle of bytes is not part of the x86-64 baseline.
FOR_EACH_LEVEL(
    void, lay_out,
    (const uint8_t *source, size_t stride, int rows, int length, int channels, uint8_t *block),
    lay_out_loop, source, stride, rows, length, channels, block)

/// One pass: [rows, length in, channels] to [length out, rows, channels]. Two passes resize both
/// axes and restore the order of the axes.
static void pass(
    const CLanczosAxis *axis, const uint8_t *source, size_t stride, int rows, int channels,
    Kernel kernel, uint8_t *block, uint8_t *target) {
  int at_once = LANES / channels;
  size_t line = (size_t)rows * (size_t)channels;
  for (int row = 0; row < rows; row += at_once) {
    int count = rows - row < at_once ? rows - row : at_once;
    lay_out(source + (size_t)row * stride, stride, count, axis->length_in, channels, block);
    size_t bytes = (size_t)count * (size_t)channels;
    uint8_t *place = target + (size_t)row * (size_t)channels;
    for (int output = 0; output < axis->length_out; output++, place += line) {
      const WeightGroup *weights = axis->weights + (size_t)output * (size_t)axis->capacity;
      const uint8_t *inputs = block + (size_t)axis->first[output] * LANES * GROUP;
      uint8_t part[LANES];
      kernel(weights, axis->count[output], inputs, bytes == LANES ? place : part);
      if (bytes < LANES) memcpy(place, part, bytes);
    }
  }
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/// The size of the intermediate result in bytes.
static size_t between_size(
    const CLanczosAxis *across, const CLanczosAxis *down, int channels, CLanczosOrder order) {
  size_t pixels = order == CLANCZOS_HORIZONTAL_FIRST
                      ? (size_t)across->length_out * (size_t)down->length_in
                      : (size_t)down->length_out * (size_t)across->length_in;
  return pixels * (size_t)channels;
}

/// Transposes rows and columns, so that the first pass always works on rows.
static void transpose(
    const uint8_t *source, size_t stride, int rows, int columns, int channels, uint8_t *target) {
  for (int row = 0; row < rows; row++)
    for (int column = 0; column < columns; column++)
      memcpy(
          target + ((size_t)column * (size_t)rows + (size_t)row) * (size_t)channels,
          source + (size_t)row * stride + (size_t)column * (size_t)channels, (size_t)channels);
}

size_t clanczos_scratch_size(
    const CLanczosAxis *across, const CLanczosAxis *down, int channels, CLanczosOrder order) {
  size_t size = between_size(across, down, channels, order) +
                larger(block_size(across), block_size(down));
  if (order == CLANCZOS_HORIZONTAL_FIRST) return size;
  // The transposed source and the transposed result.
  return size + ((size_t)across->length_in * (size_t)down->length_in +
                 (size_t)across->length_out * (size_t)down->length_out) *
                    (size_t)channels + 64;
}

void clanczos_resize(
    const CLanczosAxis *across, const CLanczosAxis *down, const uint8_t *source, size_t stride,
    int channels, CLanczosOrder order, CLanczosPath path, void *scratch, uint8_t *target) {
  Kernel kernel = kernel_of(path);
  uint8_t *block = scratch;
  size_t block_bytes = larger(block_size(across), block_size(down));
  uint8_t *between = block + block_bytes;
  // Unused lanes are also computed; their content must be initialised, but its values do not
  // matter.
  memset(block, 0, block_bytes);
  if (order == CLANCZOS_HORIZONTAL_FIRST) {
    pass(across, source, stride, down->length_in, channels, kernel, block, between);
    size_t turned = (size_t)down->length_in * (size_t)channels;
    pass(down, between, turned, across->length_out, channels, kernel, block, target);
    return;
  }
  uint8_t *turned = between + between_size(across, down, channels, order);
  uint8_t *result = turned + (size_t)across->length_in * (size_t)down->length_in * (size_t)channels;
  transpose(source, stride, down->length_in, across->length_in, channels, turned);
  pass(
      down, turned, (size_t)down->length_in * (size_t)channels, across->length_in, channels, kernel,
      block, between);
  pass(
      across, between, (size_t)across->length_in * (size_t)channels, down->length_out, channels,
      kernel, block, result);
  transpose(
      result, (size_t)down->length_out * (size_t)channels, across->length_out, down->length_out,
      channels, target);
}

ALWAYS_INLINE void luma_loop(const uint8_t *rgb, size_t pixels, uint8_t *gray) {
  for (size_t i = 0; i < pixels; i++)
    gray[i] = (uint8_t)(
        (rgb[3 * i] * 19595u + rgb[3 * i + 1] * 38470u + rgb[3 * i + 2] * 7471u + 0x8000u) >> 16);
}
FOR_EACH_LEVEL(
    void, luma, (const uint8_t *rgb, size_t pixels, uint8_t *gray), luma_loop, rgb, pixels, gray)

void clanczos_luma(const uint8_t *rgb, size_t pixels, uint8_t *gray) { luma(rgb, pixels, gray); }
