// SPDX-License-Identifier: BSD-3-Clause
// Matrix products for small and medium sizes: register tiles of up to R rows by V vectors, A
// broadcast element by element, B read row by row from panels that stay in the first-level cache.
#include "nullcline/numerics/simd_math.hpp"
#include "nullcline/training/internal/kernels.hpp"

namespace nullcline::training::internal::NULLCLINE_SIMD {

namespace {

// 32 registers hold 6 x 4, 8 x 3, 12 x 2 or 14 x 1 sums beside a row of B; 16 registers hold 4 x 3
// or 6 x 2.
#ifdef __AVX512F__
constexpr int kMaxVectors = 4;
constexpr int kMaxRows[kMaxVectors + 1] = {0, 14, 12, 8, 6};
#else
constexpr int kMaxVectors = 3;
constexpr int kMaxRows[kMaxVectors + 1] = {0, 8, 6, 4};
#endif

// A block of this many rows of a panel of B takes 32 KiB.
template <class T>
constexpr Size kBlockRows = 32768 / (kMaxPanelVectors * Size(sizeof(xsimd::batch<T>)));

template <class T, int R, int V, bool ByColumn>
void tile(Size k, const T* a, Size a_stride, const T* b, Size b_stride, T* c, Size c_stride,
          bool accumulate) {
  using Batch = xsimd::batch<T>;
  constexpr Size kLanes = Batch::size;
  Batch sums[R][V];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v)
      sums[i][v] = accumulate ? Batch::load_unaligned(c + i * c_stride + v * kLanes) : Batch(T(0));
  for (Size p = 0; p < k; ++p) {
    Batch row[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) row[v] = Batch::load_unaligned(b + p * b_stride + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const Batch factor(ByColumn ? a[p * a_stride + i] : a[i * a_stride + p]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v)
        sums[i][v] = numerics::NULLCLINE_SIMD::multiply_add(factor, row[v], sums[i][v]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[i][v].store_unaligned(c + i * c_stride + v * kLanes);
}

template <class T>
using Tile = void (*)(Size, const T*, Size, const T*, Size, T*, Size, bool);

template <class T, int V, bool ByColumn, int R>
struct TileTable {
  static void fill(Tile<T>* table) {
    table[R] = tile<T, R, V, ByColumn>;
    TileTable<T, V, ByColumn, R - 1>::fill(table);
  }
};
template <class T, int V, bool ByColumn>
struct TileTable<T, V, ByColumn, 0> {
  static void fill(Tile<T>*) {}
};

template <class T>
struct Tiles {
  Tile<T> table[kMaxVectors + 1][2][16] = {};
  Tiles() { fill<kMaxVectors>(); }
  template <int V>
  void fill() {
    TileTable<T, V, false, kMaxRows[V]>::fill(table[V][0]);
    TileTable<T, V, true, kMaxRows[V]>::fill(table[V][1]);
    if constexpr (V > 1) fill<V - 1>();
  }
};

/// All rows against at most kMaxVectors vectors and one block of k.
template <class T>
void strip(const Product<T>& product, int n_vectors, Size k, const T* a, const T* b, T* c,
           bool accumulate) {
  static const Tiles<T> tiles;
  const Tile<T>* table = tiles.table[n_vectors][product.a_by_column ? 1 : 0];
  const Size row_step = product.a_by_column ? 1 : product.a_stride;
  const Size n_tiles = (product.m + kMaxRows[n_vectors] - 1) / kMaxRows[n_vectors];
  Size row = 0;
  for (Size t = 0; t < n_tiles; ++t) {
    // Tiles of nearly equal height keep the units busy in the last one too.
    const Size rows = (product.m - row + (n_tiles - t) - 1) / (n_tiles - t);
    table[rows](k, a + row * row_step, product.a_stride, b, product.b_stride,
                c + row * product.c_stride, product.c_stride, accumulate);
    row += rows;
  }
}

template <class T>
void multiply(const Product<T>& product) {
  constexpr Size kLanes = xsimd::batch<T>::size;
  const Size k_step = product.a_by_column ? product.a_stride : 1;
  const Size n_blocks = (product.k + kBlockRows<T> - 1) / kBlockRows<T>;
  for (Size block = 0; block < n_blocks; ++block) {
    const Size k_begin = product.k * block / n_blocks, k_end = product.k * (block + 1) / n_blocks;
    for (Size vector = 0; vector < product.n_vectors;) {
      const Size panel = vector / product.panel_vectors, inside = vector % product.panel_vectors;
      Size n = product.panel_vectors - inside;
      if (n > product.n_vectors - vector) n = product.n_vectors - vector;
      if (n > kMaxVectors) n = (n + 1) / 2;
      strip(product, static_cast<int>(n), k_end - k_begin, product.a + k_begin * k_step,
            product.b + panel * product.b_panel + inside * kLanes + k_begin * product.b_stride,
            product.c + vector * kLanes, product.accumulate || block > 0);
      vector += n;
    }
  }
}

}  // namespace

void fill_products(Kernels<float>& kernels) { kernels.multiply = multiply<float>; }
void fill_products(Kernels<double>& kernels) { kernels.multiply = multiply<double>; }

}  // namespace nullcline::training::internal::NULLCLINE_SIMD
