#include "CLanczos.h"

#include "CMachine.h"

typedef struct {
  int32_t sum;
  uint32_t squares;
} Line;

/// The sums over one line fit in 32 bits: lines of a sample are shorter than 4,096 pixels.
#define SEGMENT 4096

ALWAYS_INLINE Line line_sums_loop(const uint8_t *row, size_t count) {
  uint32_t sum = 0, squares = 0;
  for (size_t x = 0; x < count; x++) {
    uint32_t value = row[x];
    sum += value;
    squares += value * value;
  }
  return (Line){(int32_t)sum, squares};
}
FOR_EACH_LEVEL(Line, line_sums, (const uint8_t *row, size_t count), line_sums_loop, row, count)

ALWAYS_INLINE Line laplacian_sums_loop(
    const uint8_t *above, const uint8_t *row, const uint8_t *below, size_t count) {
  int32_t sum = 0;
  uint32_t squares = 0;
  for (ptrdiff_t x = 0; x < (ptrdiff_t)count; x++) {
    int32_t value = above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x];
    sum += value;
    squares += (uint32_t)(value * value);
  }
  return (Line){sum, squares};
}
FOR_EACH_LEVEL(
    Line, laplacian_sums,
    (const uint8_t *above, const uint8_t *row, const uint8_t *below, size_t count),
    laplacian_sums_loop, above, row, below, count)

CLanczosSums clanczos_sums(const uint8_t *gray, size_t width, size_t height) {
  CLanczosSums sums = {0, 0, 0, 0};
  for (size_t y = 0; y < height; y++) {
    const uint8_t *row = gray + y * width;
    for (size_t x = 0; x < width; x += SEGMENT) {
      Line line = line_sums(row + x, width - x < SEGMENT ? width - x : SEGMENT);
      sums.sum += line.sum;
      sums.squares += line.squares;
    }
    if (y == 0 || y + 1 == height || width < 3) continue;
    for (size_t x = 1; x + 1 < width; x += SEGMENT) {
      size_t count = width - 1 - x < SEGMENT ? width - 1 - x : SEGMENT;
      Line line = laplacian_sums(row - width + x, row + x, row + width + x, count);
      sums.laplacian_sum += line.sum;
      sums.laplacian_squares += line.squares;
    }
  }
  return sums;
}
