#ifndef CNORMS_H
#define CNORMS_H

// Rows of length 1. All arrays are 32-bit floats, summed in double precision.

/// unit[row] = values[row] / |values[row]| and lengths[row] = |values[row]|. A row shorter than
/// 1e-12 has no direction: its unit row and its length are 0.
void ckernels_unit_rows(
    long rows, long columns, const float *values, float *unit, float *lengths);

/// Replaces the gradient of the unit rows by the gradient of the original rows, in place: (g - (g .
/// u) u) / length, or 0 if the length is 0.
void ckernels_unit_rows_backward(
    long rows, long columns, const float *unit, const float *lengths, float *gradient);

#endif
