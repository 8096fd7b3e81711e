// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/jacobian_range.hpp"

#include <cmath>
#include <vector>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/row_scaled_enclosure.hpp"
#include "nullcline/numerics/interval_products.hpp"

namespace nullcline::fixed_points::internal {

namespace {

using dynamics::Time;
using numerics::Interval;

// x +- half_width, or x itself.
void set_box(ConstVectorRef point, double half_width, std::vector<Interval>& box) {
  for (std::size_t i = 0; i < box.size(); ++i) {
    box[i] = Interval(point(static_cast<Index>(i)));
    if (half_width > 0) box[i] += Interval(-half_width, half_width);
  }
}

bool is_map(const Equation& equation) { return equation.solved().time() == Time::discrete; }

// |r| over the box from F there, rounded up.
Vector magnitudes(const Equation& equation, const std::vector<Interval>& values,
                  const std::vector<Interval>& box) {
  Vector result(equation.size());
  for (std::size_t i = 0; i < box.size(); ++i)
    result(static_cast<Index>(i)) = (is_map(equation) ? values[i] - box[i] : values[i]).magnitude();
  return result;
}

class ProvenRange : public JacobianRange {
 public:
  ProvenRange(const Equation& equation, ConstVectorRef point)
      : equation_(equation),
        point_(point),
        box_(static_cast<std::size_t>(point.size())),
        jacobian_(static_cast<std::size_t>(point.size() * point.size())) {
    middle_ = equation.jacobian_at(point);
    set_box(point_, 0, box_);
    std::vector<Interval> values(box_.size());
    equation_.solved().intervals()->evaluate(box_, equation_.input(), values);
    residual_ = magnitudes(equation_, values, box_);
  }

  Vector row_sums(double half_width) override {
    set_box(point_, half_width, box_);
    equation_.solved().intervals()->jacobian(box_, equation_.input(), jacobian_);
    const Index n = point_.size();
    Vector sums(n);
    for (Index i = 0; i < n; ++i) {
      if (is_map(equation_)) {
        Interval& diagonal = jacobian_[static_cast<std::size_t>(i * n + i)];
        diagonal -= Interval(1);
      }
      sums(i) = numerics::distance_sum(&jacobian_[static_cast<std::size_t>(i * n)],
                                       middle_.row(i).data(), n);
    }
    return sums;
  }

 private:
  const Equation& equation_;
  const Vector point_;
  std::vector<Interval> box_, jacobian_;
};

// Dr = sum_k D(s_k) W_k + c I: with M the value of sum_k D(m_k) W_k + c I in floating point, row i
// of |A - M| sums to sum_k |s_ki - m_ki| |W_k|_i and what rounding left of M, |.|_i being row sums.
class ScaledRange : public JacobianRange {
 public:
  ScaledRange(const Equation& equation, const dynamics::RowScaledEnclosure& form,
              ConstVectorRef point)
      : equation_(equation),
        form_(form),
        point_(point),
        box_(static_cast<std::size_t>(point.size())),
        values_(box_.size()),
        scales_(static_cast<std::size_t>(form.weights().rows())),
        middle_scales_(form.weights().rows()) {
    enclose(0);
    residual_ = magnitudes(equation_, values_, box_);
    for (std::size_t i = 0; i < scales_.size(); ++i)
      middle_scales_(static_cast<Index>(i)) = scales_[i].midpoint();
    set_middle();
  }

  Vector row_sums(double half_width) override {
    enclose(half_width);
    const Index n = point_.size();
    Vector sums = rounding_;
    for (Index k = 0; k < form_.weights().rows(); ++k) {
      const Interval away = scales_[static_cast<std::size_t>(k)] - Interval(middle_scales_(k));
      sums(k % n) += away.magnitude() * form_.weight_sums()(k);
    }
    return inflate(sums, form_.n_terms() + 1);
  }

 private:
  void enclose(double half_width) {
    set_box(point_, half_width, box_);
    form_.enclose(box_, equation_.input(), values_, scales_);
  }

  void set_middle() {
    const Index n = point_.size(), n_terms = form_.n_terms();
    const Matrix& weights = form_.weights();
    const double shift = equation_.jacobian_shift();
    middle_.resize(n, n);
    rounding_.resize(n);
    for (Index i = 0; i < n; ++i) {
      middle_.row(i) = middle_scales_(i) * weights.row(i);
      double size = std::abs(middle_scales_(i)) * form_.weight_sums()(i) + std::abs(shift);
      for (Index k = i + n; k < weights.rows(); k += n) {
        middle_.row(i) += middle_scales_(k) * weights.row(k);
        size += std::abs(middle_scales_(k)) * form_.weight_sums()(k);
      }
      middle_(i, i) += shift;
      // gamma_(n_terms + 1) of each entry, twice over, and underflow.
      rounding_(i) = inflate(size, n_terms + 1) * static_cast<double>(n_terms + 4) *
                         std::numeric_limits<double>::epsilon() +
                     static_cast<double>(n * (n_terms + 1)) * std::numeric_limits<double>::min();
    }
  }

  const Equation& equation_;
  const dynamics::RowScaledEnclosure& form_;
  const Vector point_;
  std::vector<Interval> box_, values_, scales_;
  Vector middle_scales_, rounding_;
};

// Dr at some corners and inner points of the box, with a factor for what lies between them.
class SampledRange : public JacobianRange {
 public:
  SampledRange(const Equation& equation, ConstVectorRef point)
      : equation_(equation), point_(point) {
    middle_ = equation.jacobian_at(point);
    residual_ =
        equation.residual_at(point).cwiseAbs() +
        std::numeric_limits<double>::epsilon() * (point.cwiseAbs() + Vector::Ones(point.size()));
  }

  Vector row_sums(double half_width) override {
    constexpr int kScales = 8, kCornersPerScale = 2;
    constexpr double kSafety = 2;
    const Index n = point_.size();
    Rng rng(0, Purpose::fixed_point_starts, UINT64_MAX);
    Vector sums = Vector::Zero(n);
    // On all scales: far out a function may be flat that bends near the middle.
    for (int scale = 0; scale < kScales; ++scale)
      for (int k = 0; k < kCornersPerScale; ++k) {
        const double distance = std::ldexp(half_width, -scale);
        Vector corner = point_;
        for (Index i = 0; i < n; ++i) corner(i) += rng.bits() >> 63 ? distance : -distance;
        const Matrix change = equation_.jacobian_at(corner) - middle_;
        sums = sums.cwiseMax(kSafety * change.cwiseAbs().rowwise().sum());
      }
    return sums;
  }

 private:
  const Equation& equation_;
  const Vector point_;
};

}  // namespace

std::unique_ptr<JacobianRange> make_jacobian_range(const Equation& equation, ConstVectorRef point) {
  if (equation.solved().intervals() == nullptr)
    return std::make_unique<SampledRange>(equation, point);
  if (const auto* form =
          dynamic_cast<const dynamics::RowScaledEnclosure*>(equation.row_scaled_jacobian()))
    return std::make_unique<ScaledRange>(equation, *form, point);
  return std::make_unique<ProvenRange>(equation, point);
}

}  // namespace nullcline::fixed_points::internal
