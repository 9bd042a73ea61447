#include "CScores.h"

#include "CMachine.h"

#include <string.h>

// Without this, a processor with a fused multiplication and addition would round differently.
#pragma STDC FP_CONTRACT OFF

// Sixteen sums in parallel, on every processor: an AVX2 processor uses two registers for them.
typedef float Lanes __attribute__((vector_size(64)));
enum { LANES = 16, LEFT = 2, RIGHT = 4 };

#define INLINE ALWAYS_INLINE

typedef struct {
  CScoreShape shape;
  const float *left, *right, *weights;
  float *results;
} Scores;

typedef enum { ABSOLUTE, WEIGHTED, SQUARED, PRODUCT, RATIO } Term;

INLINE Lanes loaded(const float *values, long count) {
  Lanes lanes = {0};
  memcpy(&lanes, values, (size_t)count * sizeof(float));
  return lanes;
}

INLINE Lanes term(Term kind, Lanes left, Lanes right, Lanes weights) {
  if (kind == PRODUCT) return left * right;
  if (kind == RATIO) return left * right - 0.5f * weights * (left * left + right * right);
  Lanes difference = left - right;
  if (kind == SQUARED) return difference * difference;
  Lanes size = __builtin_elementwise_abs(difference);
  return kind == WEIGHTED ? weights * size : size;
}

INLINE float total(Lanes lanes) {
  float sums[LANES];
  memcpy(sums, &lanes, sizeof sums);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) sums[i] += sums[i + width];
  return sums[0];
}

INLINE void add(
    Term kind, const Scores *s, long i, long j, int rows, int columns, long k, long count,
    Lanes sums[LEFT][RIGHT]) {
  const long length = s->shape.length;
  Lanes weights = kind == WEIGHTED || kind == RATIO ? loaded(s->weights + k, count) : (Lanes){0};
  Lanes others[RIGHT];
  for (int c = 0; c < columns; c++) others[c] = loaded(s->right + (j + c) * length + k, count);
  for (int r = 0; r < rows; r++) {
    Lanes one = loaded(s->left + (i + r) * length + k, count);
    for (int c = 0; c < columns; c++) sums[r][c] += term(kind, one, others[c], weights);
  }
}

/// Rows i..<i + rows against columns j..<j + columns; both numbers are constants where it is called.
INLINE void block(Term kind, const Scores *s, long i, long j, int rows, int columns) {
  const long length = s->shape.length, whole = length / LANES * LANES;
  Lanes sums[LEFT][RIGHT] = {{{0}}};
  for (long k = 0; k < whole; k += LANES) add(kind, s, i, j, rows, columns, k, LANES, sums);
  if (whole < length) add(kind, s, i, j, rows, columns, whole, length - whole, sums);
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++)
      s->results[(i + r) * s->shape.columns + j + c] = total(sums[r][c]);
}

INLINE void range(Term kind, const Scores *s, long start, long end) {
  const long columns = s->shape.columns;
  long i = start;
  for (; i + LEFT <= end; i += LEFT) {
    long j = 0;
    for (; j + RIGHT <= columns; j += RIGHT) block(kind, s, i, j, LEFT, RIGHT);
    for (; j < columns; j++) block(kind, s, i, j, LEFT, 1);
  }
  for (; i < end; i++) {
    long j = 0;
    for (; j + RIGHT <= columns; j += RIGHT) block(kind, s, i, j, 1, RIGHT);
    for (; j < columns; j++) block(kind, s, i, j, 1, 1);
  }
}

#define DEFINE(name, kind)                                                                         \
  RANGE_LOOP(name##_range) { range(kind, context, start, end); }
DEFINE(absolute, ABSOLUTE)
DEFINE(weighted, WEIGHTED)
DEFINE(squared, SQUARED)
DEFINE(product, PRODUCT)
DEFINE(ratio, RATIO)

static void run(Scores scores, CRangeBody body) {
  const CScoreShape shape = scores.shape;
  cmachine_for_range(shape.rows, shape.rows * shape.columns * shape.length, &scores, body);
}

void ckernels_absolute_differences(
    CScoreShape shape, const float *left, const float *right, const float *weights,
    float *results) {
  Scores scores = {shape, left, right, weights, results};
  run(scores, weights ? weighted_range : absolute_range);
}

void ckernels_squared_differences(
    CScoreShape shape, const float *left, const float *right, float *results) {
  Scores scores = {shape, left, right, NULL, results};
  run(scores, squared_range);
}

void ckernels_products(
    CScoreShape shape, const float *left, const float *right, float *results) {
  Scores scores = {shape, left, right, NULL, results};
  run(scores, product_range);
}

void ckernels_likelihood_ratios(
    CScoreShape shape, const float *left, const float *right, const float *weights,
    float *results) {
  Scores scores = {shape, left, right, weights, results};
  run(scores, ratio_range);
}
