// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/exclusion.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nullcline/numerics/interval_products.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using numerics::Interval;

class Exclusion {
 public:
  Exclusion(const Equation& equation, ConstVectorRef x)
      : equation_(equation),
        x_(x),
        box_(static_cast<std::size_t>(x.size())),
        values_(static_cast<std::size_t>(x.size())),
        jacobian_(static_cast<std::size_t>(x.size() * x.size())) {}

  // w, turned so that w.r > 0, and a lower bound of w.r; false if its sign is not certain.
  bool choose_direction() {
    const Matrix jacobian = equation_.jacobian_at(x_);
    if (!jacobian.allFinite()) return false;
    w_ = numerics::svd(jacobian).u.col(x_.size() - 1);
    set_box(0);
    equation_.solved().intervals()->evaluate(box_, equation_.input(), values_);
    if (is_map())
      for (std::size_t i = 0; i < box_.size(); ++i) values_[i] -= box_[i];
    const Interval component = numerics::dot(w_.data(), values_.data(), x_.size());
    if (component.upper() < 0) w_ = -w_;
    gap_ = std::max(component.lower(), -component.upper());
    return gap_ > 0;
  }

  double gap() const { return gap_; }

  // An upper bound of sum_j |w^T A(X)|_j.
  double slope(double half_width) {
    set_box(half_width);
    equation_.solved().intervals()->jacobian(box_, equation_.input(), jacobian_);
    const Index n = x_.size();
    if (is_map())
      for (Index i = 0; i < n; ++i) jacobian_[static_cast<std::size_t>(i * (n + 1))] -= Interval(1);
    numerics::product(w_.data(), jacobian_.data(), values_.data(), 1, n, n);
    Interval sum(0.0);
    for (const Interval& value : values_) sum += Interval(value.magnitude());
    return sum.upper();
  }

  bool is_free(double half_width) {
    const Interval rest = Interval(gap_) - Interval(half_width) * Interval(slope(half_width));
    return rest.lower() > 0;
  }

 private:
  bool is_map() const { return equation_.solved().time() == dynamics::Time::discrete; }

  void set_box(double half_width) {
    for (std::size_t i = 0; i < box_.size(); ++i) {
      const Interval point(x_(static_cast<Index>(i)));
      box_[i] = half_width == 0 ? point : point + Interval(-half_width, half_width);
    }
  }

  const Equation& equation_;
  const Vector x_;
  Vector w_;
  double gap_ = 0;
  std::vector<Interval> box_, values_, jacobian_;
};

}  // namespace

double exclusion_radius(const Equation& equation, ConstVectorRef x) {
  constexpr double kGrowth = 1.5;
  constexpr int kMaxTries = 60;
  if (equation.solved().intervals() == nullptr || !x.allFinite()) return 0;
  Exclusion exclusion(equation, x);
  if (!exclusion.choose_direction()) return 0;
  double half_width = exclusion.gap() / (2 * exclusion.slope(0) + 1e-300);
  half_width = std::min(half_width, std::sqrt(exclusion.gap()));
  double largest = 0;
  for (int i = 0; i < kMaxTries; ++i) {
    const bool is_free = exclusion.is_free(half_width);
    if (is_free) largest = half_width;
    if (!is_free && largest > 0) break;
    half_width *= is_free ? kGrowth : 1 / kGrowth;
  }
  return largest;
}

bool is_excluded(const Equation& equation, ConstVectorRef x, double half_width) {
  if (equation.solved().intervals() == nullptr || !x.allFinite() || !std::isfinite(half_width))
    return false;
  Exclusion exclusion(equation, x);
  return exclusion.choose_direction() && exclusion.is_free(half_width);
}

}  // namespace nullcline::fixed_points
