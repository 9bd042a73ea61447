#ifndef COPENBLAS_H
#define COPENBLAS_H

/// Sets how many threads OpenBLAS uses; it has a pool of its own, apart from oneDNN's.
void copenblas_set_threads(int threads);

/// The kernels OpenBLAS chose when it was loaded, as "Haswell".
const char *copenblas_core(void);

/// c = a b^T for row-major a [rows, inner], b [columns, inner], c [rows, columns].
void copenblas_multiply_transposed(
    int rows, int columns, int inner, const float *a, const float *b, float *c);

/// c += x^T x for row-major x [rows, columns]; of c [columns, columns] the upper triangle alone.
void copenblas_add_gram(int rows, int columns, const double *x, double *c);

/// The eigenvalues, ascending, and the eigenvectors, one a row in the place of the matrix, of a
/// symmetric row-major matrix [n, n] of which the upper triangle is read. 0, or what went wrong.
int copenblas_symmetric_eigen(int n, double *matrix, double *eigenvalues);

#endif
