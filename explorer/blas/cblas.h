// SPDX-License-Identifier: BSD-3-Clause
// The part of CBLAS that the library calls, by Eigen: for WebAssembly, where there is no OpenBLAS.
#pragma once

enum CBLAS_ORDER { CblasRowMajor = 101, CblasColMajor = 102 };
enum CBLAS_TRANSPOSE { CblasNoTrans = 111, CblasTrans = 112 };
enum CBLAS_UPLO { CblasUpper = 121, CblasLower = 122 };

inline void openblas_set_num_threads(int) {}

extern "C" {
void cblas_dgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE a_transposed, CBLAS_TRANSPOSE b_transposed,
                 int m, int n, int k, double alpha, const double* a, int lda, const double* b,
                 int ldb, double beta, double* c, int ldc);
void cblas_sgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE a_transposed, CBLAS_TRANSPOSE b_transposed,
                 int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc);
void cblas_zgemm(CBLAS_ORDER order, CBLAS_TRANSPOSE a_transposed, CBLAS_TRANSPOSE b_transposed,
                 int m, int n, int k, const void* alpha, const void* a, int lda, const void* b,
                 int ldb, const void* beta, void* c, int ldc);
void cblas_dgemv(CBLAS_ORDER order, CBLAS_TRANSPOSE transposed, int m, int n, double alpha,
                 const double* a, int lda, const double* x, int incx, double beta, double* y,
                 int incy);
void cblas_sgemv(CBLAS_ORDER order, CBLAS_TRANSPOSE transposed, int m, int n, float alpha,
                 const float* a, int lda, const float* x, int incx, float beta, float* y, int incy);
void cblas_dsyrk(CBLAS_ORDER order, CBLAS_UPLO triangle, CBLAS_TRANSPOSE transposed, int n, int k,
                 double alpha, const double* a, int lda, double beta, double* c, int ldc);
}
