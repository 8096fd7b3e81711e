// SPDX-License-Identifier: BSD-3-Clause
// The Adam update.
#include "nullcline/numerics/simd_math.hpp"
#include "nullcline/training/internal/kernels.hpp"

namespace nullcline::training::internal::NULLCLINE_SIMD {

namespace {

/// Adam (Kingma & Ba 2015), whole vectors first, then a padded copy of the rest.
template <class T>
void adam(Size n, const AdamStep<T>& step, const T* gradient, T* mean, T* square, T* values) {
  using Batch = xsimd::batch<T>;
  constexpr Size kLanes = Batch::size;
  const Batch beta1(step.beta1), beta2(step.beta2), rest1(T(1) - step.beta1),
      rest2(T(1) - step.beta2), rate(step.learning_rate), epsilon(step.epsilon),
      root_correction(step.root_correction);
  const auto update = [&](const T* g_at, T* m_at, T* v_at, T* x_at) {
    const Batch g = Batch::load_unaligned(g_at);
    const Batch m = Batch::load_unaligned(m_at) * beta1 + rest1 * g;
    const Batch v = Batch::load_unaligned(v_at) * beta2 + rest2 * (g * g);
    const Batch root = xsimd::sqrt(v) / root_correction + epsilon;
    m.store_unaligned(m_at);
    v.store_unaligned(v_at);
    (Batch::load_unaligned(x_at) - rate * (m / root)).store_unaligned(x_at);
  };
  Size i = 0;
  for (; i + kLanes <= n; i += kLanes) update(gradient + i, mean + i, square + i, values + i);
  T rest[4][kLanes] = {};
  for (Size j = i; j < n; ++j) {
    rest[0][j - i] = gradient[j];
    rest[1][j - i] = mean[j];
    rest[2][j - i] = square[j];
    rest[3][j - i] = values[j];
  }
  update(rest[0], rest[1], rest[2], rest[3]);
  for (Size j = i; j < n; ++j) {
    mean[j] = rest[1][j - i];
    square[j] = rest[2][j - i];
    values[j] = rest[3][j - i];
  }
}

template <class T>
void fill(Kernels<T>& kernels) {
  kernels.lanes = static_cast<Size>(xsimd::batch<T>::size);
  kernels.adam = adam<T>;
}

}  // namespace

void fill_updates(Kernels<float>& kernels) { fill(kernels); }
void fill_updates(Kernels<double>& kernels) { fill(kernels); }

}  // namespace nullcline::training::internal::NULLCLINE_SIMD
