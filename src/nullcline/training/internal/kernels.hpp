// SPDX-License-Identifier: BSD-3-Clause
// The inner loops of training, compiled once per instruction set and chosen at run time.
//
// Units come in vectors of `lanes` numbers; the last one is padded with units whose weights are
// zero, and whose states therefore stay zero. Rows are trials. The columns of a product that
// feeds G gates are ordered [unit vector][gate][lane].
#pragma once

#include <cstddef>
#include <cstdint>

namespace nullcline::training::internal {

using Size = std::ptrdiff_t;

/// Panels of a packed matrix are this many vectors wide, or 3 where three gates share a panel.
constexpr Size kMaxPanelVectors = 4;

/// C = A B, or C += A B.  A: (m, k), B: (k, n), C: (m, n); n is a whole number of vectors.
template <class T>
struct Product {
  Size m = 0, k = 0, n_vectors = 0;
  const T* a = nullptr;  ///< a(i, p) at a[i * a_stride + p]; by column: at a[p * a_stride + i]
  Size a_stride = 0;
  bool a_by_column = false;
  const T* b = nullptr;  ///< panel j of b starts at b + j * b_panel; its rows are b_stride apart
  Size b_stride = 0, b_panel = 0, panel_vectors = kMaxPanelVectors;
  T* c = nullptr;
  Size c_stride = 0;
  bool accumulate = false;
};

/// One time step of some trials and some unit vectors. Which fields a cell reads, and what it
/// leaves in them, stands beside its functions in cells.simd.cpp.
template <class T>
struct CellStep {
  Size n_rows = 0, v_begin = 0, v_end = 0;
  T* gates = nullptr;  ///< (n_rows, [vector][gate][lane])
  Size gates_stride = 0;
  const T* state = nullptr;  ///< h_t, and h_{t+1} in `next`: (n_rows, units)
  T* next = nullptr;
  Size state_stride = 0;
  T* extra = nullptr;  ///< second array of the cell at step t, and at step t+1: (n_rows, units)
  T* extra_next = nullptr;
  Size extra_stride = 0;
  const T* alpha = nullptr;  ///< (units)
  T* d_state = nullptr;      ///< dL/dh: (n_rows, units)
  T* d_extra = nullptr;      ///< second gradient of the cell: (n_rows, units)
  Size d_state_stride = 0;
  T* d_gates = nullptr;  ///< gradients of the pre-activations: (n_rows, [vector][gate][lane])
  Size d_gates_stride = 0;
  T* d_candidate = nullptr;  ///< GRU: gradient of the candidate's pre-activation: (n_rows, units)
  Size d_candidate_stride = 0;
};

enum class CellStage {
  vanilla,
  leaky,
  leaky_outside,
  ugrnn,
  gru_after,
  gru_before_gates,      ///< r and z, and r * h
  gru_before_candidate,  ///< n and h'
  lstm,
};
constexpr int kCellStages = 8;

template <class T>
struct AdamStep {
  T learning_rate = 0;  ///< divided by 1 - beta1^t
  T beta1 = 0, beta2 = 0, epsilon = 0;
  T root_correction = 1;  ///< sqrt(1 - beta2^t)
};

template <class T>
struct Kernels {
  Size lanes = 0;
  void (*multiply)(const Product<T>& product) = nullptr;
  /// [stage][0: tanh, 1: relu]. Forward turns pre-activations into gates and the next state;
  /// backward turns dL/dh_{t+1} into gradients of pre-activations and the direct part of dL/dh_t.
  void (*forward[kCellStages][2])(const CellStep<T>& step) = {};
  void (*backward[kCellStages][2])(const CellStep<T>& step) = {};
  void (*adam)(Size n, const AdamStep<T>& step, const T* gradient, T* mean, T* square,
               T* values) = nullptr;
};

/// The table of numerics::active_simd().
template <class T>
const Kernels<T>& active_kernels();

}  // namespace nullcline::training::internal
