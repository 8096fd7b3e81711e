// SPDX-License-Identifier: BSD-3-Clause
// Many small linear systems of one size at once, one in each lane of the SIMD registers.
//
// A pack holds `lanes` systems. Entry (i, j) of the matrix of lane l stands at
// a[(i * stride + j) * lanes + l], entry i of its vector at b[i * lanes + l]; both begin at a cache
// line. One thread; nothing is allocated.
#pragma once

#include <cstddef>

namespace nullcline::numerics {

using LaneSize = std::ptrdiff_t;

/// A pack of square matrices, and then of their factors.
template <class T>
struct LanePack {
  LaneSize n = 0;
  LaneSize stride = 0;    ///< of a row, in entries; odd strides spare the cache
  T* a = nullptr;         ///< (n, stride, lanes)
  int* pivots = nullptr;  ///< (n, lanes): the row that was exchanged with row k
};

/// (A^T A + mu I) d = -A^T r, by the factors of A: with y = A d,
/// y + mu A^-T A^-1 y = -r, solved by conjugate gradients.
template <class T>
struct DampedLanes {
  const T* r = nullptr;   ///< (n, lanes)
  const T* mu = nullptr;  ///< (lanes), at least 0
  T* d = nullptr;         ///< (n, lanes)
  T* y = nullptr;         ///< (n, lanes)
  T* work = nullptr;      ///< (3 n, lanes)
  T tolerance = 0;        ///< residual over |r|
  int max_iterations = 0;
  T* error = nullptr;  ///< (lanes): residual over |r|, squared, that was reached
};

/// A = sum_k D(s_k) W_k + shift I.
template <class T>
struct LaneRowScaled {
  LaneSize n_terms = 0;
  const T* weights = nullptr;  ///< (n_terms, n, n), the same for all lanes
  const T* scales = nullptr;   ///< (n_terms, n, lanes)
  T shift = 0;
};

template <class T>
struct LaneKernels {
  LaneSize lanes = 0;
  /// PA = LU in place. Rows are exchanged, in each lane on its own, where the diagonal falls below
  /// a quarter of the largest entry below it. A singular matrix gives values that are not finite.
  void (*factor)(const LanePack<T>& pack) = nullptr;
  /// Solves A x = b in place, given the factors.
  void (*solve)(const LanePack<T>& pack, T* b) = nullptr;
  /// Solves A^T x = b in place, given the factors.
  void (*solve_transposed)(const LanePack<T>& pack, T* b) = nullptr;
  void (*solve_damped)(const LanePack<T>& pack, const DampedLanes<T>& system) = nullptr;
  void (*assemble)(const LanePack<T>& pack, const LaneRowScaled<T>& matrix) = nullptr;
};

/// The table of active_simd().
template <class T>
const LaneKernels<T>& lane_kernels();

}  // namespace nullcline::numerics
