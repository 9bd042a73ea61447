#ifndef CSCORES_H
#define CSCORES_H

// Comparisons of every row of one matrix with every row of another, in parallel on the threads that
// oneDNN uses. Each sum has a fixed order, so that no result depends on the number of threads, on the
// instruction set, or on the other rows.

/// Matrices left [rows, length] and right [columns, length] of 32-bit floats.
typedef struct {
  long rows;
  long columns;
  long length;
} CScoreShape;

/// results[i, j] = the sum over k of weights[k] |left[i, k] - right[j, k]|; without weights (NULL),
/// all are 1.
void ckernels_absolute_differences(
    CScoreShape shape, const float *left, const float *right, const float *weights,
    float *results);

/// results[i, j] = the sum over k of (left[i, k] - right[j, k])^2.
void ckernels_squared_differences(
    CScoreShape shape, const float *left, const float *right, float *results);

/// results[i, j] = the sum over k of left[i, k] right[j, k].
void ckernels_products(
    CScoreShape shape, const float *left, const float *right, float *results);

/// results[i, j] = the sum over k of left[i, k] right[j, k]
///                 - weights[k] / 2 (left[i, k]^2 + right[j, k]^2).
void ckernels_likelihood_ratios(
    CScoreShape shape, const float *left, const float *right, const float *weights,
    float *results);

#endif
