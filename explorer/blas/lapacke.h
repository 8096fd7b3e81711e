// SPDX-License-Identifier: BSD-3-Clause
// The part of LAPACKE that the library calls, column-major, by Eigen: see cblas.h.
#pragma once

#include <complex>

#define LAPACK_COL_MAJOR 102
using lapack_logical = int;
using lapack_complex = std::complex<double>;
using LAPACK_Z_SELECT1 = lapack_logical (*)(const lapack_complex*);

extern "C" {
int LAPACKE_dgetrf(int layout, int m, int n, double* a, int lda, int* pivots);
int LAPACKE_sgetrf(int layout, int m, int n, float* a, int lda, int* pivots);
int LAPACKE_dgetrf_work(int layout, int m, int n, double* a, int lda, int* pivots);
int LAPACKE_dgetri(int layout, int n, double* a, int lda, const int* pivots);
int LAPACKE_sgetri(int layout, int n, float* a, int lda, const int* pivots);
int LAPACKE_dgetrs_work(int layout, char transposed, int n, int n_right, const double* a, int lda,
                        const int* pivots, double* b, int ldb);
int LAPACKE_dpotrf_work(int layout, char triangle, int n, double* a, int lda);
int LAPACKE_dpotrs_work(int layout, char triangle, int n, int n_right, const double* a, int lda,
                        double* b, int ldb);
int LAPACKE_dgeev(int layout, char left, char right, int n, double* a, int lda, double* re,
                  double* im, double* vl, int ldvl, double* vr, int ldvr);
int LAPACKE_dsyevd(int layout, char vectors, char triangle, int n, double* a, int lda, double* w);
int LAPACKE_dgesdd(int layout, char vectors, int m, int n, double* a, int lda, double* s, double* u,
                   int ldu, double* vt, int ldvt);
int LAPACKE_zgees(int layout, char vectors, char sorted, LAPACK_Z_SELECT1 is_selected, int n,
                  lapack_complex* a, int lda, int* n_selected, lapack_complex* values,
                  lapack_complex* u, int ldu);
int LAPACKE_dgebal(int layout, char job, int n, double* a, int lda, int* low, int* high,
                   double* scale);
}
