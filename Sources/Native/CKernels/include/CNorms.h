#ifndef CNORMS_H
#define CNORMS_H

// Sums of squares and rows of length 1. All arrays are 32-bit floats, summed in double precision.

/// The sum of values[i]^2. Cut into parts that depend on `count` alone, so that the sum does not
/// depend on the number of threads.
double ckernels_sum_of_squares(long count, const float *values);

/// unit[row] = values[row] / |values[row]| and lengths[row] = |values[row]|; a row shorter than 1e-12
/// has no direction: it becomes 0, with the length 0.
void ckernels_unit_rows(
    long rows, long columns, const float *values, float *unit, float *lengths);

/// Turns the gradient of the unit rows into that of the rows they were made of, in place:
/// (g - (g . u) u) / length, and 0 where the length is 0.
void ckernels_unit_rows_backward(
    long rows, long columns, const float *unit, const float *lengths, float *gradient);

#endif
