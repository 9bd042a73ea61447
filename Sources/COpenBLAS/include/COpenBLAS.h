#ifndef COPENBLAS_H
#define COPENBLAS_H

/// Sets how many threads OpenBLAS uses; it has a pool of its own, apart from oneDNN's.
void copenblas_set_threads(int threads);

/// The kernels OpenBLAS chose when it was loaded, as "Haswell".
const char *copenblas_core(void);

/// c = a b^T for row-major a [rows, inner], b [columns, inner], c [rows, columns].
void copenblas_multiply_transposed(
    int rows, int columns, int inner, const float *a, const float *b, float *c);

#endif
