// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/lanes.hpp"

#include "nullcline/numerics/activations.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_LANES(isa)             \
  namespace isa {                                \
  void fill_lanes(LaneKernels<float>& kernels);  \
  void fill_lanes(LaneKernels<double>& kernels); \
  template <class T>                             \
  LaneKernels<T> make_lanes() {                  \
    LaneKernels<T> kernels;                      \
    fill_lanes(kernels);                         \
    return kernels;                              \
  }                                              \
  }
NULLCLINE_DECLARE_LANES(sse2)
NULLCLINE_DECLARE_LANES(avx2)
NULLCLINE_DECLARE_LANES(avx512)
#undef NULLCLINE_DECLARE_LANES

template <class T>
const LaneKernels<T>& lane_kernels() {
  switch (active_simd()) {
    case Simd::avx512: {
      static const LaneKernels<T> kernels = avx512::make_lanes<T>();
      return kernels;
    }
    case Simd::avx2: {
      static const LaneKernels<T> kernels = avx2::make_lanes<T>();
      return kernels;
    }
    case Simd::sse2:
      break;
  }
  static const LaneKernels<T> kernels = sse2::make_lanes<T>();
  return kernels;
}

template const LaneKernels<float>& lane_kernels<float>();
template const LaneKernels<double>& lane_kernels<double>();

}  // namespace nullcline::numerics
