// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/numerics/interval_products.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "nullcline/core/rng.hpp"

namespace nullcline::numerics {
namespace {

constexpr Index kSizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 67};

std::vector<double> random_numbers(Rng& rng, Index n, double decades = 2) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = rng.normal() * std::pow(10.0, rng.uniform(-decades, 0));
  return values;
}

// Ends, inner points and very thin intervals.
std::vector<Interval> random_intervals(Rng& rng, Index n) {
  std::vector<Interval> values;
  for (Index j = 0; j < n; ++j) {
    const double middle = rng.normal(), width = std::pow(10.0, rng.uniform(-17, 0));
    values.emplace_back(middle - width, middle + width);
  }
  return values;
}

long double pick(Rng& rng, const Interval& x) {
  const double share = rng.uniform();
  if (share < 0.3) return x.lower();
  if (share < 0.6) return x.upper();
  return std::lerp(x.lower(), x.upper(), share);
}

// What long double rounds is far below a unit in the last place of double.
void expect_inside(long double value, const Interval& bounds) {
  const long double slack = 1e-18L * std::abs(value);
  EXPECT_GE(value + slack, bounds.lower());
  EXPECT_LE(value - slack, bounds.upper());
}

TEST(IntervalProducts, DotHoldsEveryChoice) {
  Rng rng(11, Purpose::tests);
  for (const Index n : kSizes)
    for (int trial = 0; trial < 200; ++trial) {
      const std::vector<double> a = random_numbers(rng, n);
      const std::vector<Interval> v = random_intervals(rng, n);
      const Interval bounds = dot(a.data(), v.data(), n);
      long double sum = 0, least = 0, most = 0, size = 0;
      for (std::size_t j = 0; j < v.size(); ++j) {
        sum += a[j] * pick(rng, v[j]);
        const long double p = static_cast<long double>(a[j]) * v[j].lower();
        const long double q = static_cast<long double>(a[j]) * v[j].upper();
        least += std::min(p, q);
        most += std::max(p, q);
        size += std::max(std::abs(p), std::abs(q));
      }
      expect_inside(sum, bounds);
      expect_inside(least, bounds);
      expect_inside(most, bounds);
      // And is not much wider than that.
      const long double room = (100 + 8 * static_cast<long double>(n)) * 0x1p-53L * size + 1e-280L;
      EXPECT_GE(bounds.lower(), least - room);
      EXPECT_LE(bounds.upper(), most + room);
    }
}

TEST(IntervalProducts, AffineMapsHoldEveryChoice) {
  Rng rng(17, Purpose::tests);
  constexpr Index kRows = 3;
  for (const Index n : kSizes)
    for (const Index n_other : {1, 4, 20})
      for (int trial = 0; trial < 20; ++trial) {
        const std::vector<double> a = random_numbers(rng, kRows * n);
        const std::vector<double> b = random_numbers(rng, kRows * n_other);
        const std::vector<double> offset = random_numbers(rng, kRows);
        const std::vector<Interval> v = random_intervals(rng, n),
                                    u = random_intervals(rng, n_other);
        std::vector<Interval> bounds(kRows);
        const MatrixProduct terms[] = {{a.data(), v.data(), n}, {b.data(), u.data(), n_other}};
        affine(terms, offset.data(), bounds.data(), kRows);
        for (Index i = 0; i < kRows; ++i) {
          const auto row = static_cast<std::size_t>(i);
          long double least = offset[row], most = offset[row], size = std::abs(offset[row]);
          const auto add = [&](const std::vector<double>& matrix, const std::vector<Interval>& x) {
            for (std::size_t j = 0; j < x.size(); ++j) {
              const long double p =
                  static_cast<long double>(matrix[row * x.size() + j]) * x[j].lower();
              const long double q =
                  static_cast<long double>(matrix[row * x.size() + j]) * x[j].upper();
              least += std::min(p, q);
              most += std::max(p, q);
              size += std::max(std::abs(p), std::abs(q));
            }
          };
          add(a, v);
          add(b, u);
          expect_inside(least, bounds[row]);
          expect_inside(most, bounds[row]);
          const auto n_terms = static_cast<long double>(n + n_other);
          const long double room = (60 + 4 * n_terms) * 0x1p-53L * size + 1e-280L;
          EXPECT_GE(bounds[row].lower(), least - room);
          EXPECT_LE(bounds[row].upper(), most + room);
        }
      }
}

TEST(IntervalProducts, AffineMapsThatOverflowAreTheWholeLine) {
  const double a[] = {1, 1e300}, offset[] = {0, 0};
  const Interval v[] = {{-1.0, std::numeric_limits<double>::infinity()}}, w[] = {{1e300, 2e300}};
  Interval out[2];
  const MatrixProduct unbounded[] = {{a, v, 1}}, huge[] = {{a, w, 1}};
  affine(unbounded, offset, out, 2);
  EXPECT_EQ(out[0].upper(), std::numeric_limits<double>::infinity());
  affine(huge, offset, out, 2);
  EXPECT_TRUE(std::isfinite(out[0].upper()));
  EXPECT_EQ(out[1].upper(), std::numeric_limits<double>::infinity());
}

TEST(IntervalProducts, CombinedRowsHoldEveryChoice) {
  Rng rng(12, Purpose::tests);
  for (const Index n : kSizes)
    for (std::size_t n_terms = 1; n_terms <= kMostCombinedRows; ++n_terms) {
      std::vector<std::vector<double>> rows;
      std::vector<ScaledRow> terms;
      const std::vector<Interval> scales = random_intervals(rng, static_cast<Index>(n_terms));
      for (std::size_t k = 0; k < n_terms; ++k) rows.push_back(random_numbers(rng, n));
      for (std::size_t k = 0; k < n_terms; ++k) terms.push_back({scales[k], rows[k].data()});
      std::vector<Interval> out(static_cast<std::size_t>(n));
      combine_rows(terms, out.data(), n);
      for (int trial = 0; trial < 50; ++trial) {
        std::vector<long double> chosen;
        for (const Interval& scale : scales) chosen.push_back(pick(rng, scale));
        for (std::size_t j = 0; j < out.size(); ++j) {
          long double sum = 0;
          for (std::size_t k = 0; k < n_terms; ++k) sum += chosen[k] * rows[k][j];
          expect_inside(sum, out[j]);
        }
      }
    }
}

TEST(IntervalProducts, ScaledSumsHoldEveryChoice) {
  Rng rng(13, Purpose::tests);
  for (const Index n : kSizes)
    for (int trial = 0; trial < 100; ++trial) {
      const std::vector<Interval> v = random_intervals(rng, n), scales = random_intervals(rng, 2);
      const std::vector<double> row = random_numbers(rng, n);
      std::vector<Interval> out = v;
      scale_and_add(scales[0], {scales[1], row.data()}, out.data(), n);
      const long double s = pick(rng, scales[0]), t = pick(rng, scales[1]);
      for (std::size_t j = 0; j < out.size(); ++j) {
        expect_inside(s * pick(rng, v[j]) + t * row[j], out[j]);
        const double width = scales[0].magnitude() * v[j].width() +
                             v[j].magnitude() * scales[0].width() +
                             std::abs(row[j]) * scales[1].width();
        const double size = scales[0].magnitude() * v[j].magnitude() + std::abs(row[j]);
        EXPECT_LE(out[j].width(),
                  1.01 * width + 400 * 0x1p-53 * (1 + scales[1].magnitude()) * size);
      }
    }
}

TEST(IntervalProducts, MatrixProductsHoldEveryChoice) {
  Rng rng(14, Purpose::tests);
  for (const Index n : {3, 9, 20}) {
    const std::vector<double> a = random_numbers(rng, 4 * n);
    const std::vector<Interval> b = random_intervals(rng, n * 5);
    std::vector<Interval> out(20);
    product(a.data(), b.data(), out.data(), 4, n, 5);
    for (int trial = 0; trial < 100; ++trial)
      for (Index i = 0; i < 4; ++i)
        for (Index j = 0; j < 5; ++j) {
          long double sum = 0;
          for (Index k = 0; k < n; ++k)
            sum += a[static_cast<std::size_t>(i * n + k)] *
                   pick(rng, b[static_cast<std::size_t>(k * 5 + j)]);
          expect_inside(sum, out[static_cast<std::size_t>(i * 5 + j)]);
        }
  }
}

TEST(IntervalProducts, DistancesAreUpperBounds) {
  Rng rng(15, Purpose::tests);
  for (const Index n : kSizes) {
    const std::vector<Interval> v = random_intervals(rng, n);
    const std::vector<double> m = random_numbers(rng, n);
    long double exact = 0;
    for (std::size_t j = 0; j < v.size(); ++j)
      exact += std::max(std::abs(static_cast<long double>(v[j].upper()) - m[j]),
                        std::abs(static_cast<long double>(v[j].lower()) - m[j]));
    const double bound = distance_sum(v.data(), m.data(), n);
    EXPECT_GE(bound, exact);
    EXPECT_LE(bound, exact * 1.0000001L + 1e-280L);
  }
}

TEST(IntervalProducts, TinyTimesHugeIsStillHeld) {
  // Shares of tiny numbers that rounding takes would underflow; the products are of order one.
  Rng rng(16, Purpose::tests);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> a = random_numbers(rng, 12), b = random_numbers(rng, 12);
    std::vector<Interval> v;
    for (std::size_t j = 0; j < 12; ++j) {
      a[j] *= 1e300;
      b[j] *= 1e-300;
      v.emplace_back(b[j]);
    }
    long double sum = 0;
    for (std::size_t j = 0; j < 12; ++j) sum += static_cast<long double>(a[j]) * b[j];
    expect_inside(sum, dot(a.data(), v.data(), 12));
    std::vector<Interval> out(12);
    const ScaledRow terms[] = {{v[0], a.data()}};
    combine_rows(terms, out.data(), 12);
    for (std::size_t j = 0; j < 12; ++j)
      expect_inside(static_cast<long double>(b[0]) * a[j], out[j]);
  }
}

TEST(IntervalProducts, WhatOverflowsIsTheWholeLine) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Index n : kSizes) {
    std::vector<double> a(static_cast<std::size_t>(n), 1.0);
    std::vector<Interval> v(static_cast<std::size_t>(n), Interval(1.0));
    v.back() = Interval(0, infinity);
    EXPECT_TRUE(dot(a.data(), v.data(), n).contains(Interval::whole()));
    a.back() = 0;
    EXPECT_TRUE(dot(a.data(), v.data(), n).contains(Interval::whole()));
    a.back() = 1e300;
    v.back() = Interval(1e300);
    EXPECT_TRUE(dot(a.data(), v.data(), n).contains(Interval::whole()));
    std::vector<Interval> out = v;
    scale_and_add(Interval(1e300), {Interval(1), a.data()}, out.data(), n);
    EXPECT_TRUE(out.back().contains(Interval::whole()));
    const ScaledRow terms[] = {{Interval::whole(), a.data()}};
    combine_rows(terms, out.data(), n);
    EXPECT_TRUE(out.front().contains(Interval::whole()));
  }
}

TEST(IntervalProducts, KeepThePatternOfTheirRows) {
  constexpr Index kColumns = 21;
  std::vector<double> first(kColumns), second(kColumns);
  for (std::size_t j = 0; j < first.size(); ++j) {
    first[j] = j % 3 == 0 ? 1e-300 : 0;
    second[j] = j % 2 == 0 ? -3 : 0;
  }
  const auto pattern = [&](const Interval& a, const Interval& b) {
    std::vector<Interval> out(kColumns);
    combine_rows(std::vector<ScaledRow>{{a, first.data()}, {b, second.data()}}, out.data(),
                 kColumns);
    std::string zeros;
    for (const Interval& x : out) zeros += x.is_zero() ? '0' : 'x';
    return zeros;
  };
  EXPECT_EQ(pattern(Interval(0.5, 2), Interval(-1, 1)), "x0xxx0x0xxx0x0xxx0x0x");
  EXPECT_EQ(pattern(Interval(1e-300), Interval(0)), "x00x00x00x00x00x00x00");
  std::vector<Interval> v(kColumns, Interval(0));
  v[1] = Interval(0, 1);
  scale_and_add(Interval(0.5, 2), {Interval(0.25), first.data()}, v.data(), kColumns);
  for (std::size_t j = 0; j < v.size(); ++j) EXPECT_EQ(v[j].is_zero(), j % 3 != 0 && j != 1) << j;
}

}  // namespace
}  // namespace nullcline::numerics
