// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/training/internal/kernels.hpp"

#include "nullcline/numerics/activations.hpp"

namespace nullcline::training::internal {

#define NULLCLINE_DECLARE_KERNELS(isa)          \
  namespace isa {                               \
  void fill_products(Kernels<float>& kernels);  \
  void fill_products(Kernels<double>& kernels); \
  void fill_cells(Kernels<float>& kernels);     \
  void fill_cells(Kernels<double>& kernels);    \
  void fill_updates(Kernels<float>& kernels);   \
  void fill_updates(Kernels<double>& kernels);  \
  template <class T>                            \
  Kernels<T> make_kernels() {                   \
    Kernels<T> kernels;                         \
    fill_products(kernels);                     \
    fill_cells(kernels);                        \
    fill_updates(kernels);                      \
    return kernels;                             \
  }                                             \
  }
NULLCLINE_DECLARE_KERNELS(sse2)
NULLCLINE_DECLARE_KERNELS(avx2)
NULLCLINE_DECLARE_KERNELS(avx512)
#undef NULLCLINE_DECLARE_KERNELS

template <class T>
const Kernels<T>& active_kernels() {
  // Even the code that fills a table may use the instructions of its set: fill none that we cannot
  // run.
  switch (numerics::active_simd()) {
    case numerics::Simd::avx512: {
      static const Kernels<T> kernels = avx512::make_kernels<T>();
      return kernels;
    }
    case numerics::Simd::avx2: {
      static const Kernels<T> kernels = avx2::make_kernels<T>();
      return kernels;
    }
    case numerics::Simd::sse2:
      break;
  }
  static const Kernels<T> kernels = sse2::make_kernels<T>();
  return kernels;
}

template const Kernels<float>& active_kernels();
template const Kernels<double>& active_kernels();

}  // namespace nullcline::training::internal
