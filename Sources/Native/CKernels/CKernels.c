#include "Elements.h"

long *ckernels_buffers_made(void) {
  static _Thread_local long made;
  return &made;
}

// Bias and ReLU.

typedef struct {
  long rows, columns;
  int relu;
  const float *bias, *gradients;
  float *values;
} Columns;

RANGE_LOOP(add_bias_rows) {
  const Columns *c = context;
  for (long row = start; row < end; row++) {
    float *values = c->values + row * c->columns;
    for (long i = 0; i < c->columns; i++) values[i] += c->bias[i];
    if (c->relu)
      for (long i = 0; i < c->columns; i++) values[i] = values[i] < 0.0f ? 0.0f : values[i];
  }
}

void ckernels_add_bias(long rows, long columns, int relu, const float *bias, float *values) {
  Columns context = {rows, columns, relu, bias, NULL, values};
  cmachine_for_range(rows, rows * columns, &context, add_bias_rows);
}

RANGE_LOOP(sum_columns) {
  const Columns *c = context;
  float *restrict sums = c->values;
  for (long i = start; i < end; i++) sums[i] = 0.0f;
  for (long row = 0; row < c->rows; row++) {
    const float *restrict gradients = c->gradients + row * c->columns;
    for (long i = start; i < end; i++) sums[i] += gradients[i];
  }
}

void ckernels_sum_rows(long rows, long columns, const float *gradients, float *sums) {
  Columns context = {rows, columns, 0, NULL, gradients, sums};
  cmachine_for_range(columns, rows * columns, &context, sum_columns);
}

typedef struct {
  const float *values;
  double *sums;
  float *rounded;  // or NULL
  int begins;
} Sums;

RANGE_LOOP(add_to_sums) {
  const Sums s = *(const Sums *)context;
  for (long i = start; i < end; i++) {
    double sum = (s.begins ? 0.0 : s.sums[i]) + (double)s.values[i];
    if (s.rounded != NULL) s.rounded[i] = (float)sum;
    else s.sums[i] = sum;
  }
}

void ckernels_add_to_sums(
    long count, const float *values, int begins, double *sums, float *rounded) {
  Sums context = {values, sums, rounded, begins};
  cmachine_for_range(count, count, &context, add_to_sums);
}

// Subsampling.

typedef struct {
  CGridShape shape;
  size_t pixel;
  const char *input;
  char *output;
} Grid;

static void subsample_rows(const void *context, long start, long end) {
  const Grid *g = context;
  CGridShape s = g->shape;
  char *target = g->output +
                 (size_t)(start * ((s.height + s.step - 1) / s.step) * ((s.width + s.step - 1) / s.step)) *
                     g->pixel;
  for (long row = start; row < end; row++)
    for (long y = 0; y < s.height; y += s.step)
      for (long x = 0; x < s.width; x += s.step, target += g->pixel)
        memcpy(target, g->input + (size_t)((row * s.height + y) * s.width + x) * g->pixel, g->pixel);
}

static void fill_rows(const void *context, long start, long end) {
  const Grid *g = context;
  CGridShape s = g->shape;
  const char *source = g->input + (size_t)(start * ((s.height + s.step - 1) / s.step) *
                                           ((s.width + s.step - 1) / s.step)) *
                                      g->pixel;
  size_t image = (size_t)(s.height * s.width) * g->pixel;
  memset(g->output + (size_t)start * image, 0, (size_t)(end - start) * image);
  for (long row = start; row < end; row++)
    for (long y = 0; y < s.height; y += s.step)
      for (long x = 0; x < s.width; x += s.step, source += g->pixel)
        memcpy(g->output + (size_t)((row * s.height + y) * s.width + x) * g->pixel, source, g->pixel);
}

static Grid grid_of(CGridShape shape, CElement element, const void *input, void *output) {
  size_t bytes = element == CELEMENT_BFLOAT16 ? 2 : 4;
  return (Grid){shape, (size_t)shape.channels * bytes, input, output};
}

void ckernels_subsample(CGridShape shape, CElement element, const void *input, void *output) {
  Grid context = grid_of(shape, element, input, output);
  cmachine_for_range(shape.rows, shape.rows * shape.height * shape.width, &context, subsample_rows);
}

void ckernels_subsample_backward(
    CGridShape shape, CElement element, const void *output_gradient, void *input_gradient) {
  Grid context = grid_of(shape, element, output_gradient, input_gradient);
  cmachine_for_range(shape.rows, shape.rows * shape.height * shape.width, &context, fill_rows);
}

// Conversion between number formats, and addition.

typedef struct {
  const void *input;
  void *output;
} Copy;

RANGE_LOOP(narrow_range) {
  const Copy c = *(const Copy *)context;
  const float *restrict input = c.input;
  uint16_t *restrict output = c.output;
  for (long i = start; i < end; i++) output[i] = narrowed(input[i]);
}

RANGE_LOOP(widen_range) {
  const Copy c = *(const Copy *)context;
  const uint16_t *restrict input = c.input;
  float *restrict output = c.output;
  for (long i = start; i < end; i++) output[i] = widened(input[i]);
}

void ckernels_narrow(long count, const float *input, uint16_t *output) {
  Copy context = {input, output};
  cmachine_for_range(count, count, &context, narrow_range);
}

void ckernels_widen(long count, const uint16_t *input, float *output) {
  Copy context = {input, output};
  cmachine_for_range(count, count, &context, widen_range);
}

LOOP add(const void *context, long start, long end, const int narrow) {
  const Copy c = *(const Copy *)context;
  const void *restrict input = c.input;
  void *restrict output = c.output;
  for (long i = start; i < end; i++)
    store(output, i, narrow, load(output, i, narrow) + load(input, i, narrow));
}
FOR_BOTH_ELEMENTS(add)

void ckernels_add(long count, CElement element, const void *input, void *output) {
  Copy context = {input, output};
  cmachine_for_range(count, count, &context, FOR_ELEMENT(add, element));
}
