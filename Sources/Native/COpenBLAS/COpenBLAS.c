#include "COpenBLAS.h"

#include <cblas.h>
#include <stdlib.h>

void copenblas_set_threads(int threads) { openblas_set_num_threads(threads); }

const char *copenblas_configuration(void) { return openblas_get_config(); }

const char *copenblas_core(void) { return openblas_get_corename(); }

void copenblas_add_gram(int rows, int columns, const double *x, double *c) {
  cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, columns, rows, 1.0, x, columns, 1.0, c, columns);
}

// LAPACK's divide-and-conquer solver, which is part of libopenblas. The last two arguments are the
// lengths of the strings, as in the Fortran calling convention.
void dsyevd_(
    const char *job, const char *triangle, const int *n, double *a, const int *stride, double *w,
    double *work, const int *work_count, int *whole_work, const int *whole_work_count, int *info,
    size_t job_length, size_t triangle_length);

int copenblas_symmetric_eigen(int n, double *matrix, double *eigenvalues) {
  // The upper triangle in row-major order is the lower triangle in column-major order, which LAPACK
  // uses.
  double best = 0;
  int best_whole = 0, query = -1, info = 0;
  dsyevd_("V", "L", &n, matrix, &n, eigenvalues, &best, &query, &best_whole, &query, &info, 1, 1);
  if (info != 0) return info;
  int count = (int)best;
  double *work = malloc((size_t)count * sizeof(double));
  int *whole = malloc((size_t)best_whole * sizeof(int));
  if (work == NULL || whole == NULL)
    info = -1;
  else
    dsyevd_(
        "V", "L", &n, matrix, &n, eigenvalues, work, &count, whole, &best_whole, &info, 1, 1);
  free(work);
  free(whole);
  return info;
}
