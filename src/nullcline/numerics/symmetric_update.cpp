// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/symmetric_update.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/activations.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_UPDATE(isa)                                                             \
  namespace isa {                                                                                 \
  void symmetric_update(double* lower, std::size_t n, double scale, double gain, const double* k, \
                        const double* r, double* out);                                            \
  }
NULLCLINE_DECLARE_UPDATE(sse2)
NULLCLINE_DECLARE_UPDATE(avx2)
NULLCLINE_DECLARE_UPDATE(avx512)
#undef NULLCLINE_DECLARE_UPDATE

void update_and_multiply(std::span<double> lower, double scale, double gain,
                         std::span<const double> k, std::span<const double> r,
                         std::span<double> out) {
  const std::size_t n = k.size();
  NULLCLINE_ASSERT(r.size() == n && out.size() == n && lower.size() == n * (n + 1) / 2);
  switch (active_simd()) {
    case Simd::sse2:
      return sse2::symmetric_update(lower.data(), n, scale, gain, k.data(), r.data(), out.data());
    case Simd::avx2:
      return avx2::symmetric_update(lower.data(), n, scale, gain, k.data(), r.data(), out.data());
    case Simd::avx512:
      return avx512::symmetric_update(lower.data(), n, scale, gain, k.data(), r.data(), out.data());
  }
}

}  // namespace nullcline::numerics
