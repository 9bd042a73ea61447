#include "CNorms.h"

#include "CMachine.h"

#include <math.h>
#include <stddef.h>

// Sums may be reordered here; otherwise compilers cannot vectorise them.
#define ANY_ORDER _Pragma("clang fp reassociate(on)")

typedef struct {
  long columns;
  const float *values;
  float *unit, *lengths;
} UnitRows;

RANGE_LOOP(unit_rows_range) {
  ANY_ORDER
  const UnitRows u = *(const UnitRows *)context;
  for (long row = start; row < end; row++) {
    const float *restrict values = u.values + row * u.columns;
    float *restrict unit = u.unit + row * u.columns;
    double sum = 0.0;
    for (long i = 0; i < u.columns; i++) sum += (double)values[i] * values[i];
    double length = sqrt(sum);
    // NaN is kept, so that a loss that diverges is detected.
    double factor = length < 1e-12 ? 0.0 : 1.0 / length;
    u.lengths[row] = length < 1e-12 ? 0.0f : (float)length;
    for (long i = 0; i < u.columns; i++) unit[i] = (float)(values[i] * factor);
  }
}

void ckernels_unit_rows(
    long rows, long columns, const float *values, float *unit, float *lengths) {
  UnitRows context = {columns, values, unit, lengths};
  cmachine_for_range(rows, rows * columns, &context, unit_rows_range);
}

typedef struct {
  long columns;
  const float *unit, *lengths;
  float *gradient;
} UnitRowsBackward;

RANGE_LOOP(unit_rows_backward_range) {
  ANY_ORDER
  const UnitRowsBackward u = *(const UnitRowsBackward *)context;
  for (long row = start; row < end; row++) {
    const float *restrict unit = u.unit + row * u.columns;
    float *restrict gradient = u.gradient + row * u.columns;
    double product = 0.0;
    for (long i = 0; i < u.columns; i++) product += (double)gradient[i] * unit[i];
    double factor = u.lengths[row] == 0.0f ? 0.0 : 1.0 / u.lengths[row];
    for (long i = 0; i < u.columns; i++)
      gradient[i] = (float)((gradient[i] - product * unit[i]) * factor);
  }
}

void ckernels_unit_rows_backward(
    long rows, long columns, const float *unit, const float *lengths, float *gradient) {
  UnitRowsBackward context = {columns, unit, lengths, gradient};
  cmachine_for_range(rows, rows * columns, &context, unit_rows_backward_range);
}
