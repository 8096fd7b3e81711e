// SPDX-License-Identifier: BSD-3-Clause
// One system per lane: right-looking LU by panels of kPanel columns, so that the rest of the matrix
// is read and written once for kPanel pivots; register tiles of kRows x kCols packs of entries.
#include "nullcline/numerics/lanes.hpp"

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

constexpr LaneSize kPanel = 8;
constexpr int kRows = 4;
#ifdef __AVX512F__
constexpr int kCols = 4;
#else
constexpr int kCols = 2;  // 16 registers
#endif
constexpr double kPivotThreshold = 0.25;

template <class T>
using Batch = xsimd::batch<T>;
template <class T>
constexpr LaneSize kLanes = static_cast<LaneSize>(Batch<T>::size);

template <class T>
inline Batch<T> load(const T* p) {
  return Batch<T>::load_aligned(p);
}

// c -= l u.  l: (R, depth), u: (depth, C), c: (R, C), entries of packs; `row` numbers to a row.
template <class T, int R, int C>
inline void tile(LaneSize depth, const T* l, const T* u, T* c, LaneSize row) {
  Batch<T> sums[R][C];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) sums[i][j] = load(c + i * row + j * kLanes<T>);
  for (LaneSize p = 0; p < depth; ++p) {
    Batch<T> upper[C];
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) upper[j] = load(u + p * row + j * kLanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      const Batch<T> lower = load(l + i * row + p * kLanes<T>);
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) sums[i][j] = subtract_product(lower, upper[j], sums[i][j]);
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) sums[i][j].store_aligned(c + i * row + j * kLanes<T>);
}

template <class T, int R>
inline void strip(LaneSize depth, LaneSize cols, const T* l, const T* u, T* c, LaneSize row) {
  LaneSize j = 0;
  for (; j + kCols <= cols; j += kCols)
    tile<T, R, kCols>(depth, l, u + j * kLanes<T>, c + j * kLanes<T>, row);
  for (; j < cols; ++j) tile<T, R, 1>(depth, l, u + j * kLanes<T>, c + j * kLanes<T>, row);
}

// Exchanges rows k and pivot of one lane, across all columns.
template <class T>
void exchange(const LanePack<T>& pack, LaneSize k, LaneSize pivot, LaneSize lane) {
  T* one = pack.a + k * pack.stride * kLanes<T> + lane;
  T* other = pack.a + pivot * pack.stride * kLanes<T> + lane;
  for (LaneSize j = 0; j < pack.n; ++j) {
    const T value = one[j * kLanes<T>];
    one[j * kLanes<T>] = other[j * kLanes<T>];
    other[j * kLanes<T>] = value;
  }
}

template <class T>
void choose_pivots(const LanePack<T>& pack, LaneSize k) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize row = pack.stride * kWidth;
  const T* column = pack.a + k * row + k * kWidth;
  Batch<T> largest(T(0));
  for (LaneSize i = 1; i < pack.n - k; ++i)
    largest = xsimd::max(largest, xsimd::abs(load(column + i * row)));
  int* pivots = pack.pivots + k * kWidth;
  for (LaneSize lane = 0; lane < kWidth; ++lane) pivots[lane] = static_cast<int>(k);
  if (!xsimd::any(xsimd::abs(load(column)) < largest * Batch<T>(T(kPivotThreshold)))) return;
  for (LaneSize lane = 0; lane < kWidth; ++lane) {
    const auto size = [&](LaneSize i) {
      const T value = column[i * row + lane];
      return value < 0 ? -value : value;
    };
    T most = 0;
    LaneSize best = 0;
    for (LaneSize i = 1; i < pack.n - k; ++i)
      if (size(i) > most) {
        most = size(i);
        best = i;
      }
    if (!(size(0) < most * T(kPivotThreshold))) continue;
    pivots[lane] = static_cast<int>(k + best);
    exchange(pack, k, k + best, lane);
  }
}

// Columns [first, last) from row `first` on. The diagonal keeps the inverse of the pivot.
template <class T>
void factor_panel(const LanePack<T>& pack, LaneSize first, LaneSize last) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize row = pack.stride * kWidth;
  for (LaneSize k = first; k < last; ++k) {
    choose_pivots(pack, k);
    T* diagonal = pack.a + k * row + k * kWidth;
    const Batch<T> inverse = Batch<T>(T(1)) / load(diagonal);
    inverse.store_aligned(diagonal);
    const LaneSize width = last - k - 1;
    for (LaneSize i = 1; i < pack.n - k; ++i) {
      T* entry = diagonal + i * row;
      const Batch<T> lower = load(entry) * inverse;
      lower.store_aligned(entry);
      for (LaneSize j = 1; j <= width; ++j)
        subtract_product(lower, load(diagonal + j * kWidth), load(entry + j * kWidth))
            .store_aligned(entry + j * kWidth);
    }
  }
}

// Rows [first, last) of U, right of the panel.
template <class T>
void finish_rows(const LanePack<T>& pack, LaneSize first, LaneSize last) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize row = pack.stride * kWidth;
  for (LaneSize i = first + 1; i < last; ++i) {
    T* a = pack.a + i * row;
    strip<T, 1>(i - first, pack.n - last, a + first * kWidth, pack.a + first * row + last * kWidth,
                a + last * kWidth, row);
  }
}

template <class T>
void factor(const LanePack<T>& pack) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize n = pack.n, row = pack.stride * kWidth;
  for (LaneSize first = 0; first < n; first += kPanel) {
    const LaneSize last = first + kPanel < n ? first + kPanel : n;
    factor_panel(pack, first, last);
    if (last == n) return;
    finish_rows(pack, first, last);
    const T* u = pack.a + first * row + last * kWidth;
    LaneSize i = last;
    for (; i + kRows <= n; i += kRows) {
      T* a = pack.a + i * row;
      strip<T, kRows>(last - first, n - last, a + first * kWidth, u, a + last * kWidth, row);
    }
    for (; i < n; ++i) {
      T* a = pack.a + i * row;
      strip<T, 1>(last - first, n - last, a + first * kWidth, u, a + last * kWidth, row);
    }
  }
}

template <class T>
void exchange_entries(const LanePack<T>& pack, LaneSize k, T* b) {
  constexpr LaneSize kWidth = kLanes<T>;
  for (LaneSize lane = 0; lane < kWidth; ++lane) {
    const LaneSize pivot = pack.pivots[k * kWidth + lane];
    if (pivot == k) continue;
    const T value = b[k * kWidth + lane];
    b[k * kWidth + lane] = b[pivot * kWidth + lane];
    b[pivot * kWidth + lane] = value;
  }
}

// b_i - sum_{j in [first, last)} a_ij b_j, in two chains that hide the latency.
template <class T>
inline Batch<T> remainder(const T* a, const T* b, LaneSize i, LaneSize first, LaneSize last) {
  constexpr LaneSize kWidth = kLanes<T>;
  Batch<T> even = load(b + i * kWidth), odd(T(0)), third(T(0)), fourth(T(0));
  LaneSize j = first;
  for (; j + 4 <= last; j += 4) {
    even = subtract_product(load(a + j * kWidth), load(b + j * kWidth), even);
    odd = subtract_product(load(a + (j + 1) * kWidth), load(b + (j + 1) * kWidth), odd);
    third = subtract_product(load(a + (j + 2) * kWidth), load(b + (j + 2) * kWidth), third);
    fourth = subtract_product(load(a + (j + 3) * kWidth), load(b + (j + 3) * kWidth), fourth);
  }
  for (; j < last; ++j) even = subtract_product(load(a + j * kWidth), load(b + j * kWidth), even);
  return (even + odd) + (third + fourth);
}

template <class T>
void solve(const LanePack<T>& pack, T* b) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize n = pack.n, row = pack.stride * kWidth;
  for (LaneSize k = 0; k < n; ++k) exchange_entries(pack, k, b);
  for (LaneSize i = 1; i < n; ++i)
    remainder(pack.a + i * row, b, i, 0, i).store_aligned(b + i * kWidth);
  for (LaneSize i = n - 1; i >= 0; --i) {
    const T* a = pack.a + i * row;
    (remainder(a, b, i, i + 1, n) * load(a + i * kWidth)).store_aligned(b + i * kWidth);
  }
}

template <class T>
void solve_transposed(const LanePack<T>& pack, T* b) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize n = pack.n, row = pack.stride * kWidth;
  for (LaneSize i = 0; i < n; ++i) {
    const T* a = pack.a + i * row;
    const Batch<T> value = load(b + i * kWidth) * load(a + i * kWidth);
    value.store_aligned(b + i * kWidth);
    for (LaneSize j = i + 1; j < n; ++j)
      subtract_product(load(a + j * kWidth), value, load(b + j * kWidth))
          .store_aligned(b + j * kWidth);
  }
  for (LaneSize i = n - 1; i > 0; --i) {
    const T* a = pack.a + i * row;
    const Batch<T> value = load(b + i * kWidth);
    for (LaneSize j = 0; j < i; ++j)
      subtract_product(load(a + j * kWidth), value, load(b + j * kWidth))
          .store_aligned(b + j * kWidth);
  }
  for (LaneSize k = n - 1; k >= 0; --k) exchange_entries(pack, k, b);
}

template <class T>
Batch<T> dot(LaneSize n, const T* a, const T* b) {
  Batch<T> sum(T(0));
  for (LaneSize i = 0; i < n; ++i)
    sum = multiply_add(load(a + i * kLanes<T>), load(b + i * kLanes<T>), sum);
  return sum;
}

// a += factor b
template <class T>
void add_scaled(LaneSize n, T* a, const Batch<T>& factor, const T* b) {
  for (LaneSize i = 0; i < n * kLanes<T>; i += kLanes<T>)
    multiply_add(factor, load(b + i), load(a + i)).store_aligned(a + i);
}

template <class T>
void copy(LaneSize n, const T* from, T* to) {
  for (LaneSize i = 0; i < n * kLanes<T>; ++i) to[i] = from[i];
}

template <class T>
void solve_damped(const LanePack<T>& pack, const DampedLanes<T>& system) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize n = pack.n;
  const Batch<T> mu = Batch<T>::load_unaligned(system.mu), zero(T(0));
  T* residual = system.work;
  T* direction = system.work + n * kWidth;
  T* image = system.work + 2 * n * kWidth;
  for (LaneSize i = 0; i < n * kWidth; i += kWidth)
    (zero - load(system.r + i)).store_aligned(system.y + i);
  copy(n, system.y, system.d);
  solve(pack, system.d);  // d = A^-1 y, all along
  const Batch<T> size = dot(n, system.r, system.r);
  const Batch<T> target = size * Batch<T>(system.tolerance * system.tolerance);
  const auto finish = [&](const Batch<T>& left) {
    xsimd::select(size > zero, left / size, zero).store_unaligned(system.error);
  };
  if (xsimd::all(mu == zero)) return finish(zero);
  // y = -r leaves the residual -mu A^-T A^-1 y.
  copy(n, system.d, image);
  solve_transposed(pack, image);
  for (LaneSize i = 0; i < n * kWidth; i += kWidth)
    (zero - mu * load(image + i)).store_aligned(residual + i);
  copy(n, residual, direction);
  Batch<T> left = dot(n, residual, residual);
  for (int k = 0; k < system.max_iterations; ++k) {
    const auto active = left > target;
    if (!xsimd::any(active)) break;
    copy(n, direction, image);
    solve(pack, image);
    T* step = image;  // A^-1 direction, before it becomes A^-T A^-1 direction
    const Batch<T> curvature = dot(n, direction, direction) + mu * dot(n, step, step);
    const Batch<T> length = xsimd::select(active, left / curvature, zero);
    add_scaled(n, system.y, length, direction);
    add_scaled(n, system.d, length, step);
    solve_transposed(pack, image);
    add_scaled(n, residual, zero - length, direction);
    add_scaled(n, residual, zero - length * mu, image);
    const Batch<T> now = dot(n, residual, residual);
    const Batch<T> ratio = xsimd::select(active, now / left, zero);
    for (LaneSize i = 0; i < n * kWidth; i += kWidth)
      multiply_add(ratio, load(direction + i), load(residual + i)).store_aligned(direction + i);
    left = xsimd::select(active, now, left);
  }
  finish(left);
}

template <class T>
void assemble(const LanePack<T>& pack, const LaneRowScaled<T>& matrix) {
  constexpr LaneSize kWidth = kLanes<T>;
  const LaneSize n = pack.n;
  for (LaneSize i = 0; i < n; ++i) {
    T* row = pack.a + i * pack.stride * kWidth;
    for (LaneSize term = 0; term < matrix.n_terms; ++term) {
      const T* weights = matrix.weights + (term * n + i) * n;
      const Batch<T> scale = load(matrix.scales + (term * n + i) * kWidth);
      for (LaneSize j = 0; j < n; ++j) {
        const Batch<T> sum = term == 0 ? Batch<T>(T(0)) : load(row + j * kWidth);
        multiply_add(scale, Batch<T>(weights[j]), sum).store_aligned(row + j * kWidth);
      }
    }
    (load(row + i * kWidth) + Batch<T>(matrix.shift)).store_aligned(row + i * kWidth);
  }
}

template <class T>
void fill(LaneKernels<T>& kernels) {
  kernels.lanes = kLanes<T>;
  kernels.factor = factor<T>;
  kernels.solve = solve<T>;
  kernels.solve_transposed = solve_transposed<T>;
  kernels.solve_damped = solve_damped<T>;
  kernels.assemble = assemble<T>;
}

}  // namespace

void fill_lanes(LaneKernels<float>& kernels) { fill(kernels); }
void fill_lanes(LaneKernels<double>& kernels) { fill(kernels); }

}  // namespace nullcline::numerics::NULLCLINE_SIMD
