// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/interval_products.hpp"

#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::numerics {

static_assert(sizeof(Interval) == 2 * sizeof(double));

#define NULLCLINE_DECLARE_INTERVAL_PRODUCTS(isa)                                               \
  namespace isa {                                                                              \
  void interval_dot(const double* a, const double* v, std::size_t n, double* sums);            \
  void interval_balls(const double* v, std::size_t n, double* middles, double* radii);         \
  void interval_ball_products(const double* a, const double* middles, const double* radii,     \
                              std::size_t rows, std::size_t n, double* sums);                  \
  void interval_combine(const double* middles, const double* radii, const double* const* rows, \
                        std::size_t n_rows, double* out, std::size_t n);                       \
  void interval_scale_add(const double* middles, const double* radii, const double* row,       \
                          double rounding, double* v, std::size_t n);                          \
  double interval_distance_sum(const double* v, const double* m, std::size_t n);               \
  }
NULLCLINE_DECLARE_INTERVAL_PRODUCTS(sse2)
NULLCLINE_DECLARE_INTERVAL_PRODUCTS(avx2)
NULLCLINE_DECLARE_INTERVAL_PRODUCTS(avx512)
#undef NULLCLINE_DECLARE_INTERVAL_PRODUCTS

namespace {

constexpr double kUnit = 0x1p-53;
using internal::kEta;

struct Kernels {
  decltype(&sse2::interval_dot) dot;
  decltype(&sse2::interval_balls) balls;
  decltype(&sse2::interval_ball_products) ball_products;
  decltype(&sse2::interval_combine) combine;
  decltype(&sse2::interval_scale_add) scale_add;
  decltype(&sse2::interval_distance_sum) distance_sum;
};

const Kernels& kernels() {
  static const Kernels chosen = [] {
#define NULLCLINE_KERNELS(isa)                                                                  \
  Kernels {                                                                                     \
    isa::interval_dot, isa::interval_balls, isa::interval_ball_products, isa::interval_combine, \
        isa::interval_scale_add, isa::interval_distance_sum                                     \
  }
    switch (active_simd()) {
      case Simd::avx512:
        return NULLCLINE_KERNELS(avx512);
      case Simd::avx2:
        return NULLCLINE_KERNELS(avx2);
      case Simd::sse2:
        break;
    }
    return NULLCLINE_KERNELS(sse2);
#undef NULLCLINE_KERNELS
  }();
  return chosen;
}

const double* ends(const Interval* v) { return reinterpret_cast<const double*>(v); }
double* ends(Interval* v) { return reinterpret_cast<double*>(v); }

// 2 (n + 8) u bounds gamma_n and the roundings of the midpoints, twice over.
constexpr double rounding_share(Index n) { return 2 * (static_cast<double>(n) + 8) * kUnit; }

// Of sums of at most kMostCombinedRows products, twice over.
constexpr double kFewTerms = 2 * rounding_share(kMostCombinedRows);

// A scale as a ball whose radius also covers the roundings of what it is used in. Zero stays zero.
void split(const Interval& scale, double& middle, double& radius) {
  middle = scale.midpoint();
  radius = scale.is_zero()
               ? 0
               : (scale.radius() + std::abs(middle) * kFewTerms + kEta) * (1 + kFewTerms);
}

Interval ball(double middle, double radius) {
  if (!(std::abs(middle) + radius < std::numeric_limits<double>::infinity()))
    return Interval::whole();
  return {internal::below(middle - radius), internal::above(middle + radius)};
}

// A dot product of n terms from what the kernels sum. (n + 16) u is above gamma_n and the roundings
// of the sums and of this line, for n < 2^20.
Interval ball_of_sums(const double* sums, Index n) {
  NULLCLINE_ASSERT(n < (Index(1) << 20));
  const double rounding = (static_cast<double>(n) + 16) * kUnit;
  return ball(sums[0], (sums[1] + rounding * sums[2]) * (1 + rounding) +
                           (static_cast<double>(n) + 8) * kEta);
}

}  // namespace

Interval dot(const double* a, const Interval* v, Index n) {
  double sums[3];
  kernels().dot(a, ends(v), static_cast<std::size_t>(n), sums);
  return ball_of_sums(sums, n);
}

void affine(std::span<const MatrixProduct> terms, const double* offset, Interval* out, Index rows) {
  thread_local std::vector<double> balls, sums;
  sums.assign(static_cast<std::size_t>(3 * rows), 0);
  Index n_terms = 1;
  for (const MatrixProduct& term : terms) {
    const auto n = static_cast<std::size_t>(term.cols);
    balls.resize(2 * n);
    kernels().balls(ends(term.vector), n, balls.data(), balls.data() + n);
    kernels().ball_products(term.matrix, balls.data(), balls.data() + n,
                            static_cast<std::size_t>(rows), n, sums.data());
    n_terms += term.cols + 1;
  }
  for (Index i = 0; i < rows; ++i) {
    double* row = sums.data() + 3 * i;
    row[0] += offset[i];
    row[2] += std::abs(offset[i]);
    out[i] = ball_of_sums(row, n_terms);
  }
}

void combine_rows(std::span<const ScaledRow> terms, Interval* out, Index n) {
  NULLCLINE_ASSERT(terms.size() <= kMostCombinedRows);
  double middles[kMostCombinedRows], radii[kMostCombinedRows];
  const double* rows[kMostCombinedRows];
  for (std::size_t k = 0; k < terms.size(); ++k) {
    split(terms[k].scale, middles[k], radii[k]);
    rows[k] = terms[k].row;
  }
  kernels().combine(middles, radii, rows, terms.size(), ends(out), static_cast<std::size_t>(n));
}

void scale_and_add(const Interval& scale, const ScaledRow& term, Interval* v, Index n) {
  double middles[2], radii[2];
  split(scale, middles[0], radii[0]);
  split(term.scale, middles[1], radii[1]);
  kernels().scale_add(middles, radii, term.row, kFewTerms, ends(v), static_cast<std::size_t>(n));
}

void product(const double* a, const Interval* b, Interval* out, Index rows, Index inner,
             Index cols) {
  const Eigen::Map<const Matrix> left(a, rows, inner);
  const double rounding = rounding_share(inner);
  Matrix middles(inner, cols), radii(inner, cols), middle(rows, cols), radius(rows, cols);
  for (Index i = 0; i < middles.size(); ++i) {
    middles.data()[i] = b[i].midpoint();
    radii.data()[i] = b[i].radius() + rounding * std::abs(middles.data()[i]) + kEta;
  }
  multiply(left, middles, middle);
  multiply(left.cwiseAbs(), radii, radius);
  for (Index i = 0; i < middle.size(); ++i)
    out[i] = ball(middle.data()[i],
                  radius.data()[i] * (1 + rounding) + (static_cast<double>(inner) + 8) * kEta);
}

double distance_sum(const Interval* v, const double* m, Index n) {
  const double sum = kernels().distance_sum(ends(v), m, static_cast<std::size_t>(n));
  return sum * (1 + rounding_share(n)) + kEta;
}

}  // namespace nullcline::numerics
