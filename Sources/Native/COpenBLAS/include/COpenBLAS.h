#ifndef COPENBLAS_H
#define COPENBLAS_H

/// Sets the number of threads of OpenBLAS, which has its own thread pool, separate from oneDNN's.
void copenblas_set_threads(int threads);

/// The version of OpenBLAS and the options it was built with.
const char *copenblas_configuration(void);

/// The kernels that OpenBLAS chose when it was loaded, such as "Haswell".
const char *copenblas_core(void);

/// c += x^T x for row-major x [rows, columns]; only the upper triangle of c [columns, columns] is
/// updated.
void copenblas_add_gram(int rows, int columns, const double *x, double *c);

/// Computes the eigenvalues in ascending order and the eigenvectors of a symmetric row-major matrix
/// [n, n], of which only the upper triangle is read. The eigenvectors replace the matrix, one per
/// row. Returns 0 on success, or LAPACK's error code, or -1 if there is not enough memory.
int copenblas_symmetric_eigen(int n, double *matrix, double *eigenvalues);

#endif
