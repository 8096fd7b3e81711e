// SPDX-License-Identifier: BSD-3-Clause
// Row products for the readout, and the Adam update.
#include "nullcline/numerics/simd_math.hpp"
#include "nullcline/training/internal/kernels.hpp"

namespace nullcline::training::internal::NULLCLINE_SIMD {

namespace {

using numerics::NULLCLINE_SIMD::multiply_add;

template <class T>
void dot_rows(Size m, Size k, Size n, const T* a, Size a_stride, const T* b, Size b_stride,
              const T* offset, T* out, Size out_stride) {
  using Batch = xsimd::batch<T>;
  constexpr Size kLanes = Batch::size;
  for (Size i = 0; i < m; ++i) {
    const T* row = a + i * a_stride;
    for (Size j = 0; j < k; ++j) {
      const T* column = b + j * b_stride;
      Batch sum(T(0));
      for (Size p = 0; p < n; p += kLanes)
        sum = multiply_add(Batch::load_unaligned(row + p), Batch::load_unaligned(column + p), sum);
      out[i * out_stride + j] = offset[j] + xsimd::hadd(sum);
    }
  }
}

/// The vectors of T for whole vectors, then a padded copy of the rest.
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
  kernels.dot_rows = dot_rows<T>;
  kernels.adam = adam<T>;
}

}  // namespace

void fill_vectors(Kernels<float>& kernels) { fill(kernels); }
void fill_vectors(Kernels<double>& kernels) { fill(kernels); }

}  // namespace nullcline::training::internal::NULLCLINE_SIMD
