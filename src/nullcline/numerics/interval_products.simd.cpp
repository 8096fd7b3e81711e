// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "nullcline/numerics/simd_math.hpp"

namespace nullcline::numerics::NULLCLINE_SIMD {

namespace {

using Batch = xsimd::batch<double>;
constexpr std::size_t kLanes = Batch::size;
constexpr double kTiny = 0x1p-960;  // above every underflow

// Lower and upper ends, which lie by turns in memory.
struct Ends {
  Batch lower, upper;
};

inline Ends load(const double* ends) {
  double lower[kLanes], upper[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    lower[i] = ends[2 * i];
    upper[i] = ends[2 * i + 1];
  }
  return {Batch::load_unaligned(lower), Batch::load_unaligned(upper)};
}

inline void store(const Ends& ends, double* out, std::size_t count) {
  double lower[kLanes], upper[kLanes];
  ends.lower.store_unaligned(lower);
  ends.upper.store_unaligned(upper);
  for (std::size_t i = 0; i < count; ++i) {
    out[2 * i] = lower[i];
    out[2 * i + 1] = upper[i];
  }
}

// |x - middle| <= radius up to a factor 1 + 4u, for x between the ends.
struct Ball {
  Batch middle, radius;
};
inline Ball ball_of(const Ends& ends) {
  const Batch middle = Batch(0.5) * ends.lower + Batch(0.5) * ends.upper;
  return {middle, xsimd::max(ends.upper - middle, middle - ends.lower)};
}

struct Sums {
  Batch middle = 0.0, radius = 0.0, size = 0.0;
};

inline Ends ends_of(const Batch& middle, const Batch& radius) {
  const Batch infinity(std::numeric_limits<double>::infinity());
  const auto is_number = (xsimd::abs(middle) + radius) < infinity;
  return {xsimd::select(is_number, middle - radius, -infinity),
          xsimd::select(is_number, middle + radius, infinity)};
}

// Stores step(numbers, intervals) for each batch of `out`, where numbers(p) gives p[j..] and
// intervals(v) the ends v[j..]; the last batch is padded with zeros.
template <class Step>
inline void for_each_batch(double* out, std::size_t n, Step step) {
  std::size_t j = 0;
  const auto numbers = [&j](const double* p) { return Batch::load_unaligned(p + j); };
  const auto intervals = [&j](const double* v) { return load(v + 2 * j); };
  for (; j + kLanes <= n; j += kLanes) store(step(numbers, intervals), out + 2 * j, kLanes);
  if (j == n) return;
  const std::size_t count = n - j;
  const auto last_numbers = [&](const double* p) {
    double rest[kLanes] = {};
    std::copy_n(p + j, count, rest);
    return Batch::load_unaligned(rest);
  };
  const auto last_intervals = [&](const double* v) {
    double rest[2 * kLanes] = {};
    std::copy_n(v + 2 * j, 2 * count, rest);
    return load(rest);
  };
  store(step(last_numbers, last_intervals), out + 2 * j, count);
}

}  // namespace

// sums = sum a_j m_j, sum |a_j| r_j, sum |a_j| |m_j|, where m_j +- r_j is v_j.
void interval_dot(const double* a, const double* v, std::size_t n, double* sums) {
  Sums even, odd;
  const auto add = [](const Batch& x, const Ends& ends, Sums& to) {
    const Ball ball = ball_of(ends);
    const Batch magnitude = xsimd::abs(x);
    to.middle = multiply_add(x, ball.middle, to.middle);
    to.radius = multiply_add(magnitude, ball.radius, to.radius);
    to.size = multiply_add(magnitude, xsimd::abs(ball.middle), to.size);
  };
  std::size_t j = 0;
  for (; j + 2 * kLanes <= n; j += 2 * kLanes) {
    add(Batch::load_unaligned(a + j), load(v + 2 * j), even);
    add(Batch::load_unaligned(a + j + kLanes), load(v + 2 * (j + kLanes)), odd);
  }
  for (; j < n; j += kLanes) {
    double rest[kLanes] = {}, ends[2 * kLanes] = {};
    const std::size_t count = std::min(kLanes, n - j);
    std::copy_n(a + j, count, rest);
    std::copy_n(v + 2 * j, 2 * count, ends);
    add(Batch::load_unaligned(rest), load(ends), even);
  }
  sums[0] = xsimd::hadd(even.middle + odd.middle);
  sums[1] = xsimd::hadd(even.radius + odd.radius);
  sums[2] = xsimd::hadd(even.size + odd.size);
}

// Midpoints and radii of n intervals.
void interval_balls(const double* v, std::size_t n, double* middles, double* radii) {
  for (std::size_t j = 0; j < n; ++j) {
    const double lower = v[2 * j], upper = v[2 * j + 1], middle = 0.5 * lower + 0.5 * upper;
    middles[j] = middle;
    radii[j] = std::max(upper - middle, middle - lower);
  }
}

// Three sums for each of the rows of `a` (n columns): of a_j m_j, |a_j| r_j and |a_j| |m_j|.
void interval_ball_products(const double* a, const double* middles, const double* radii,
                            std::size_t rows, std::size_t n, double* sums) {
  for (std::size_t i = 0; i < rows; ++i, a += n, sums += 3) {
    Batch middle(0.0), radius(0.0), size(0.0);
    std::size_t j = 0;
    for (; j + kLanes <= n; j += kLanes) {
      const Batch x = Batch::load_unaligned(a + j), m = Batch::load_unaligned(middles + j);
      const Batch magnitude = xsimd::abs(x);
      middle = multiply_add(x, m, middle);
      radius = multiply_add(magnitude, Batch::load_unaligned(radii + j), radius);
      size = multiply_add(magnitude, xsimd::abs(m), size);
    }
    double rest[3] = {};
    for (; j < n; ++j) {
      rest[0] += a[j] * middles[j];
      rest[1] += std::abs(a[j]) * radii[j];
      rest[2] += std::abs(a[j] * middles[j]);
    }
    sums[0] += rest[0];
    sums[1] += rest[1];
    sums[2] += rest[2];
    if (n < kLanes) continue;
    sums[0] += xsimd::hadd(middle);
    sums[1] += xsimd::hadd(radius);
    sums[2] += xsimd::hadd(size);
  }
}

// What underflow may hide: nothing where the scale is exactly zero.
inline double underflow(double middle, double radius) {
  return middle == 0 && radius == 0 ? 0 : kTiny;
}

// out_j = sum over k of (middles[k] +- radii[k]) rows[k][j], where radii hold what rounding adds.
void interval_combine(const double* middles, const double* radii, const double* const* rows,
                      std::size_t n_rows, double* out, std::size_t n) {
  for_each_batch(out, n, [&](const auto& number, const auto&) {
    Batch middle(0.0), radius(0.0), tiny(0.0);
    for (std::size_t k = 0; k < n_rows; ++k) {
      const Batch x = number(rows[k]);
      const Batch lost(underflow(middles[k], radii[k]));
      tiny = xsimd::select(x == Batch(0.0), tiny, xsimd::max(tiny, lost));
      middle = multiply_add(x, Batch(middles[k]), middle);
      radius = multiply_add(xsimd::abs(x), Batch(radii[k]), radius);
    }
    return ends_of(middle, radius + tiny);
  });
}

// v_j = (middles[0] +- radii[0]) v_j + (middles[1] +- radii[1]) row[j]; `rounding` times each
// magnitude is added for roundings.
void interval_scale_add(const double* middles, const double* radii, const double* row,
                        double rounding, double* v, std::size_t n) {
  for_each_batch(v, n, [&](const auto& number, const auto& interval) {
    const Batch x = number(row);
    const Ball ball = ball_of(interval(v));
    const Batch size =
        multiply_add(ball.radius, Batch(1 + rounding), xsimd::abs(ball.middle) * rounding);
    const Batch middle = multiply_add(Batch(middles[0]), ball.middle, x * Batch(middles[1]));
    const Batch magnitude = xsimd::abs(ball.middle) + ball.radius;
    const Batch zero(0.0);
    const Batch tiny =
        xsimd::max(xsimd::select(magnitude == zero, zero, Batch(underflow(middles[0], radii[0]))),
                   xsimd::select(x == zero, zero, Batch(underflow(middles[1], radii[1]))));
    Batch radius = multiply_add(xsimd::abs(x), Batch(radii[1]), tiny);
    radius = multiply_add(magnitude, Batch(radii[0]), radius);
    radius = multiply_add(size + tiny, Batch(std::abs(middles[0])), radius);
    return ends_of(middle, radius * (1 + rounding));
  });
}

// sum of max(upper - m, m - lower), rounded to nearest.
double interval_distance_sum(const double* v, const double* m, std::size_t n) {
  Batch sum(0.0);
  const auto distance = [](const Ends& ends, const Batch& x) {
    return xsimd::max(ends.upper - x, x - ends.lower);
  };
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    sum += distance(load(v + 2 * j), Batch::load_unaligned(m + j));
  double total = xsimd::hadd(sum);
  for (; j < n; ++j) total += std::max(v[2 * j + 1] - m[j], m[j] - v[2 * j]);
  return total;
}

}  // namespace nullcline::numerics::NULLCLINE_SIMD
