// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/absolute_products.hpp"

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/activations.hpp"

namespace nullcline::numerics {

#define NULLCLINE_DECLARE_ABSOLUTE_PRODUCTS(isa)                             \
  namespace isa {                                                            \
  double absolute_dot(const double* a, const double* v, std::size_t n);      \
  double absolute_float_dot(const float* a, const double* v, std::size_t n); \
  }
NULLCLINE_DECLARE_ABSOLUTE_PRODUCTS(sse2)
NULLCLINE_DECLARE_ABSOLUTE_PRODUCTS(avx2)
NULLCLINE_DECLARE_ABSOLUTE_PRODUCTS(avx512)
#undef NULLCLINE_DECLARE_ABSOLUTE_PRODUCTS

namespace {

#define NULLCLINE_CHOOSE(name) \
  [] {                         \
    switch (active_simd()) {   \
      case Simd::avx512:       \
        return &avx512::name;  \
      case Simd::avx2:         \
        return &avx2::name;    \
      case Simd::sse2:         \
        break;                 \
    }                          \
    return &sse2::name;        \
  }()

template <class AnyMatrix, class Dot>
Vector product_of(const AnyMatrix& a, ConstVectorRef v, Dot dot) {
  NULLCLINE_ASSERT(a.cols() == v.size());
  Vector out(a.rows());
  for (Index i = 0; i < a.rows(); ++i)
    out(i) = dot(a.row(i).data(), v.data(), static_cast<std::size_t>(a.cols()));
  return out;
}

}  // namespace

Vector absolute_product(ConstMatrixRef a, ConstVectorRef v) {
  static const auto dot = NULLCLINE_CHOOSE(absolute_dot);
  return product_of(a, v, dot);
}

Vector absolute_product(ConstFloatMatrixRef a, ConstVectorRef v) {
  static const auto dot = NULLCLINE_CHOOSE(absolute_float_dot);
  return product_of(a, v, dot);
}

#undef NULLCLINE_CHOOSE

}  // namespace nullcline::numerics
