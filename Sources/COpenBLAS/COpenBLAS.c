#include "COpenBLAS.h"

#include <cblas.h>

void copenblas_set_threads(int threads) { openblas_set_num_threads(threads); }

const char *copenblas_core(void) { return openblas_get_corename(); }

void copenblas_multiply_transposed(
    int rows, int columns, int inner, const float *a, const float *b, float *c) {
  cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, rows, columns, inner, 1.0f, a, inner, b, inner, 0.0f,
      c, columns);
}
