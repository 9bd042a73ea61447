#include "CDropout.h"
#include "Dropping.h"
#include "Elements.h"

typedef struct {
  CDropoutShape shape;
  Dropping dropping;
  const uint32_t *numbers;
  const void *input;
  void *output;
} Dropout;

/// The value at `at`, whose number among the values in the order row, channel, pixel is `number`.
LOOP drop_one(const Dropout *d, long at, uint32_t number, const int narrow) {
  store(d->output, at, narrow, dropped(d->dropping, load(d->input, at, narrow), number));
}

/// `start..<end` counts the pixels of all rows.
LOOP drop_interleaved(const void *context, long start, long end, const int narrow) {
  const Dropout d = *(const Dropout *)context;
  long channels = d.shape.channels, pixels = d.shape.pixels;
  for (long i = start; i < end; i++) {
    long row = crow_number(d.shape.numbers, i / pixels);
    uint32_t first = (uint32_t)(row * channels * pixels + i % pixels);
    SHORT_LOOP for (long c = 0; c < channels; c++)
        drop_one(&d, i * channels + c, first + (uint32_t)(c * pixels), narrow);
  }
}
FOR_BOTH_ELEMENTS(drop_interleaved)

/// `start..<end` counts rows, whose values have a table of numbers.
LOOP drop_numbered(const void *context, long start, long end, const int narrow) {
  const Dropout d = *(const Dropout *)context;
  long count = d.shape.channels * d.shape.pixels;
  const uint32_t *restrict numbers = d.numbers;
  for (long row = start; row < end; row++) {
    uint32_t first = (uint32_t)(crow_number(d.shape.numbers, row) * count);
    SHORT_LOOP for (long i = 0; i < count; i++)
        drop_one(&d, row * count + i, first + numbers[i], narrow);
  }
}
FOR_BOTH_ELEMENTS(drop_numbered)

LOOP drop_planes(const void *context, long start, long end, const int narrow) {
  const Dropout d = *(const Dropout *)context;
  long count = d.shape.channels * d.shape.pixels;
  for (long i = start; i < end;) {
    long row = i / count, last = (row + 1) * count < end ? (row + 1) * count : end;
    uint32_t shift = (uint32_t)((crow_number(d.shape.numbers, row) - row) * count);
    for (; i < last; i++) drop_one(&d, i, (uint32_t)i + shift, narrow);
  }
}
FOR_BOTH_ELEMENTS(drop_planes)

int cdropout_needs_numbers(CDropoutShape shape) {
  return !shape.planes && shape.pixels > 1 && shape.channels < 16;
}

void cdropout_number(CDropoutShape shape, uint32_t *numbers) {
  for (long pixel = 0; pixel < shape.pixels; pixel++)
    for (long c = 0; c < shape.channels; c++)
      numbers[pixel * shape.channels + c] = (uint32_t)(c * shape.pixels + pixel);
}

void cdropout_apply(
    CDropoutShape shape, const uint32_t *numbers, CElement element, float rate, uint64_t key, const void *input,
    void *output) {
  Dropout dropout = {shape, dropping_of(rate, key), numbers, input, output};
  long count = shape.rows * shape.pixels * shape.channels;
  if (shape.planes || shape.pixels == 1)
    cmachine_for_range(count, count, &dropout, FOR_ELEMENT(drop_planes, element));
  else if (numbers != NULL)
    cmachine_for_range(shape.rows, count, &dropout, FOR_ELEMENT(drop_numbered, element));
  else
    cmachine_for_range(
        shape.rows * shape.pixels, count, &dropout, FOR_ELEMENT(drop_interleaved, element));
}
