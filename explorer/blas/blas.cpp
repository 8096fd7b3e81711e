// SPDX-License-Identifier: BSD-3-Clause
// Products and triangular factors behind the names of CBLAS and LAPACKE, as plain loops: the
// explorer's matrices have one to three rows, and those of collocation a few hundred.
#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "cblas.h"
#include "lapacke.h"

namespace {

using Complex = std::complex<double>;

// C = alpha op(A) op(B) + beta C, all row-major. beta = 0 does not read C.
template <class T>
void gemm(CBLAS_TRANSPOSE a_transposed, CBLAS_TRANSPOSE b_transposed, int m, int n, int k, T alpha,
          const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  const int a_row = a_transposed == CblasTrans ? 1 : lda,
            a_column = a_transposed == CblasTrans ? lda : 1;
  const int b_row = b_transposed == CblasTrans ? 1 : ldb,
            b_column = b_transposed == CblasTrans ? ldb : 1;
  for (int i = 0; i < m; ++i) {
    T* row = c + i * ldc;
    for (int j = 0; j < n; ++j) row[j] = beta == T(0) ? T(0) : beta * row[j];
    for (int l = 0; l < k; ++l) {
      const T factor = alpha * a[i * a_row + l * a_column];
      const T* other = b + l * b_row;
      for (int j = 0; j < n; ++j) row[j] += factor * other[j * b_column];
    }
  }
}

template <class T>
void gemv(CBLAS_TRANSPOSE transposed, int m, int n, T alpha, const T* a, int lda, const T* x,
          T beta, T* y) {
  const bool t = transposed == CblasTrans;
  for (int i = 0; i < (t ? n : m); ++i) {
    T sum = 0;
    for (int j = 0; j < (t ? m : n); ++j) sum += (t ? a[j * lda + i] : a[i * lda + j]) * x[j];
    y[i] = (beta == T(0) ? T(0) : beta * y[i]) + alpha * sum;
  }
}

// P A = L U, column-major, with partial pivoting; L and U take the place of A.
template <class T>
int getrf(int n, T* a, int lda, int* pivots) {
  int info = 0;
  for (int j = 0; j < n; ++j) {
    int pivot = j;
    for (int i = j + 1; i < n; ++i)
      if (std::abs(a[j * lda + i]) > std::abs(a[j * lda + pivot])) pivot = i;
    pivots[j] = pivot + 1;
    if (a[j * lda + pivot] == T(0)) {
      if (info == 0) info = j + 1;
      continue;
    }
    if (pivot != j)
      for (int k = 0; k < n; ++k) std::swap(a[k * lda + j], a[k * lda + pivot]);
    const T inverse = T(1) / a[j * lda + j];
    for (int i = j + 1; i < n; ++i) a[j * lda + i] *= inverse;
    for (int k = j + 1; k < n; ++k)
      for (int i = j + 1; i < n; ++i) a[k * lda + i] -= a[j * lda + i] * a[k * lda + j];
  }
  return info;
}

// b from P L U x = b, or from (P L U)^T x = b.
template <class T>
void getrs(bool transposed, int n, int n_right, const T* a, int lda, const int* pivots, T* b,
           int ldb) {
  for (int c = 0; c < n_right; ++c, b += ldb) {
    if (!transposed) {
      for (int i = 0; i < n; ++i) std::swap(b[i], b[pivots[i] - 1]);
      for (int j = 0; j < n; ++j)
        for (int i = j + 1; i < n; ++i) b[i] -= a[j * lda + i] * b[j];
      for (int j = n - 1; j >= 0; --j) {
        b[j] /= a[j * lda + j];
        for (int i = 0; i < j; ++i) b[i] -= a[j * lda + i] * b[j];
      }
      continue;
    }
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < i; ++j) b[i] -= a[i * lda + j] * b[j];
      b[i] /= a[i * lda + i];
    }
    for (int i = n - 1; i >= 0; --i)
      for (int j = i + 1; j < n; ++j) b[i] -= a[i * lda + j] * b[j];
    for (int i = n - 1; i >= 0; --i) std::swap(b[i], b[pivots[i] - 1]);
  }
}

template <class T>
int getri(int n, T* a, int lda, const int* pivots) {
  for (int i = 0; i < n; ++i)
    if (a[i * lda + i] == T(0)) return i + 1;
  std::vector<T> inverse(static_cast<std::size_t>(n * n));
  for (int i = 0; i < n; ++i) inverse[static_cast<std::size_t>(i * n + i)] = 1;
  getrs(false, n, n, a, lda, pivots, inverse.data(), n);
  for (int j = 0; j < n; ++j) std::copy_n(inverse.data() + j * n, n, a + j * lda);
  return 0;
}

}  // namespace

extern "C" {

void cblas_dgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 double alpha, const double* a, int lda, const double* b, int ldb, double beta,
                 double* c, int ldc) {
  gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_sgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                 float* c, int ldc) {
  gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void cblas_zgemm(CBLAS_ORDER, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                 const void* alpha, const void* a, int lda, const void* b, int ldb,
                 const void* beta, void* c, int ldc) {
  gemm(ta, tb, m, n, k, *static_cast<const Complex*>(alpha), static_cast<const Complex*>(a), lda,
       static_cast<const Complex*>(b), ldb, *static_cast<const Complex*>(beta),
       static_cast<Complex*>(c), ldc);
}

void cblas_dgemv(CBLAS_ORDER, CBLAS_TRANSPOSE transposed, int m, int n, double alpha,
                 const double* a, int lda, const double* x, int, double beta, double* y, int) {
  gemv(transposed, m, n, alpha, a, lda, x, beta, y);
}

void cblas_sgemv(CBLAS_ORDER, CBLAS_TRANSPOSE transposed, int m, int n, float alpha, const float* a,
                 int lda, const float* x, int, float beta, float* y, int) {
  gemv(transposed, m, n, alpha, a, lda, x, beta, y);
}

// The triangle is the lower one, and A stands transposed on the left: what the library asks for.
void cblas_dsyrk(CBLAS_ORDER, CBLAS_UPLO, CBLAS_TRANSPOSE, int n, int k, double alpha,
                 const double* a, int lda, double beta, double* c, int ldc) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l) sum += a[l * lda + i] * a[l * lda + j];
      c[i * ldc + j] = (beta == 0 ? 0 : beta * c[i * ldc + j]) + alpha * sum;
    }
}

int LAPACKE_dgetrf(int, int, int n, double* a, int lda, int* pivots) {
  return getrf(n, a, lda, pivots);
}
int LAPACKE_sgetrf(int, int, int n, float* a, int lda, int* pivots) {
  return getrf(n, a, lda, pivots);
}
int LAPACKE_dgetrf_work(int, int, int n, double* a, int lda, int* pivots) {
  return getrf(n, a, lda, pivots);
}
int LAPACKE_dgetri(int, int n, double* a, int lda, const int* pivots) {
  return getri(n, a, lda, pivots);
}
int LAPACKE_sgetri(int, int n, float* a, int lda, const int* pivots) {
  return getri(n, a, lda, pivots);
}
int LAPACKE_dgetrs_work(int, char transposed, int n, int n_right, const double* a, int lda,
                        const int* pivots, double* b, int ldb) {
  getrs(transposed == 'T', n, n_right, a, lda, pivots, b, ldb);
  return 0;
}

// The triangle is the upper one, column-major: A = U^T U.
int LAPACKE_dpotrf_work(int, char, int n, double* a, int lda) {
  for (int j = 0; j < n; ++j)
    for (int i = 0; i <= j; ++i) {
      double sum = a[j * lda + i];
      for (int k = 0; k < i; ++k) sum -= a[i * lda + k] * a[j * lda + k];
      if (i == j && !(sum > 0)) return j + 1;
      a[j * lda + i] = i == j ? std::sqrt(sum) : sum / a[i * lda + i];
    }
  return 0;
}

int LAPACKE_dpotrs_work(int, char, int n, int n_right, const double* a, int lda, double* b,
                        int ldb) {
  for (int c = 0; c < n_right; ++c, b += ldb) {
    for (int i = 0; i < n; ++i) {
      for (int k = 0; k < i; ++k) b[i] -= a[i * lda + k] * b[k];
      b[i] /= a[i * lda + i];
    }
    for (int i = n - 1; i >= 0; --i) {
      for (int k = i + 1; k < n; ++k) b[i] -= a[k * lda + i] * b[k];
      b[i] /= a[i * lda + i];
    }
  }
  return 0;
}
}
