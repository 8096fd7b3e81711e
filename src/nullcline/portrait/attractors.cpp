// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/attractors.hpp"

#include <algorithm>
#include <cmath>

#include "nullcline/dynamics/flow.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::portrait {

namespace {

using dynamics::System;
using numerics::Interval;

constexpr int kHalvings = 44;  // from the size of the box
constexpr double kMargin = 1e-9;
constexpr double kMostSkewed = 1e6;
constexpr double kNearOrbit = 1e-3;  // in diagonals of the box
constexpr double kGapShare = 0.6;
constexpr double kFarthest = 10;  // diagonals of the box, for a return

// S with orthonormal coordinates in which J is nearly normal: rows of the real inverse of the
// eigenvectors.
Matrix normal_coordinates(const Matrix& jacobian) {
  const Index n = jacobian.rows();
  const numerics::Eigensystem system = numerics::eigensystem(jacobian);
  Matrix basis(n, n);
  for (Index i = 0; i < n; ++i) {
    basis.col(i) = system.right.col(i).real();
    if (system.values(i).imag() != 0 && i + 1 < n) {
      basis.col(i + 1) = system.right.col(i).imag();
      ++i;
    }
  }
  const Matrix inverse = numerics::inverse(basis);
  if (inverse.allFinite() && inverse.norm() * basis.norm() < kMostSkewed) return inverse;
  return Matrix::Identity(n, n);
}

// Bounds what rounding does to S J S^-1, where the condition of S is below kMostSkewed.
double rounding(const Matrix& shape, const Matrix& inverse, const Matrix& middle) {
  return kMargin * (shape.cwiseAbs() * middle.cwiseAbs() * inverse.cwiseAbs()).norm();
}

// Bound of |A| (map) or of the largest eigenvalue of (A + A^T) / 2 (flow) for A = S J S^-1, J in
// middle +- radius.
double contraction(const Matrix& shape, const Matrix& inverse, const Matrix& middle,
                   const Matrix& radius, bool is_map) {
  const Matrix a = shape * middle * inverse;
  const Matrix spread = shape.cwiseAbs() * radius * inverse.cwiseAbs();
  if (!a.allFinite() || !spread.allFinite()) return std::numeric_limits<double>::infinity();
  const double slack = spread.norm() + rounding(shape, inverse, middle);
  if (is_map) return numerics::svd(a).s(0) + slack;
  const Matrix symmetric = (a + a.transpose()) / 2;
  return numerics::symmetric_eigensystem(symmetric).values.maxCoeff() + slack;
}

// Middle and radius of the Jacobian of F^period over a box.
struct Jacobians {
  Matrix middle, radius;
};
Jacobians enclosed(const System& system, ConstVectorRef input, ConstVectorRef center,
                   ConstVectorRef half_widths, int period) {
  const auto n = static_cast<std::size_t>(center.size());
  std::vector<Interval> box, next(n), jacobian(n * n), product, sum(n * n);
  for (Index i = 0; i < center.size(); ++i)
    box.emplace_back(center(i) - half_widths(i), center(i) + half_widths(i));
  for (int k = 0; k < period; ++k) {
    system.intervals()->jacobian(box, input, jacobian);
    if (k == 0) {
      product = jacobian;
    } else {
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
          Interval entry;
          for (std::size_t m = 0; m < n; ++m) entry += jacobian[i * n + m] * product[m * n + j];
          sum[i * n + j] = entry;
        }
      product = sum;
    }
    if (k + 1 == period) break;
    system.intervals()->evaluate(box, input, next);
    box = next;
  }
  Jacobians result{Matrix(center.size(), center.size()), Matrix(center.size(), center.size())};
  for (std::size_t i = 0; i < n * n; ++i) {
    result.middle.data()[i] = product[i].midpoint();
    result.radius.data()[i] = product[i].radius();
  }
  return result;
}

Matrix jacobian_of_power(const System& system, ConstVectorRef input, Vector state, int period) {
  Matrix product = dynamics::jacobian_at(system, state, input);
  for (int k = 1; k < period; ++k) {
    state = dynamics::evaluate_at(system, state, input);
    product = (dynamics::jacobian_at(system, state, input) * product).eval();
  }
  return product;
}

// Between neighbors on the circles of an orbit; 0 of one that is not made of circles.
double widest_gap(const orbits::Orbit& orbit) {
  if (orbit.kind != orbits::Kind::invariant_circle) return 0;
  const Index n = orbit.points.rows() / std::max(1, orbit.period);
  double gap = 0;
  for (Index i = 0; i < orbit.points.rows(); ++i) {
    const Index next = i % n + 1 == n ? i + 1 - n : i + 1;
    gap = std::max(gap, (orbit.points.row(next) - orbit.points.row(i)).norm());
  }
  return gap;
}

class EllipsoidTest {
 public:
  EllipsoidTest(const System& system, ConstVectorRef input, ConstVectorRef center, int period,
                int sense)
      : system_(system),
        input_(input),
        center_(center),
        period_(period),
        sense_(sense),
        is_map_(system.time() == dynamics::Time::discrete),
        shape_(normal_coordinates(jacobian_of_power(system, input, center, period))),
        inverse_(numerics::inverse(shape_)) {}

  const Matrix& shape() const { return shape_; }
  double unit_size() const { return inverse_.norm(); }

  bool passes(double size) const {
    // A little more than the ellipsoid: its center is the fixed point up to rounding.
    const Vector half_widths = (1 + kMargin) * size * inverse_.rowwise().norm();
    if (system_.intervals()) {
      const Jacobians j = enclosed(system_, input_, center_, half_widths, period_);
      return is_contraction(j.middle, j.radius);
    }
    const Matrix none = Matrix::Zero(center_.size(), center_.size());
    for (Index i = 0; i < center_.size(); ++i)
      for (const double share : {-1.0, -0.5, 0.5, 1.0}) {
        const Vector at = center_ + share * size * inverse_.col(i);
        if (!is_contraction(jacobian_of_power(system_, input_, at, period_), none)) return false;
      }
    return true;
  }

 private:
  bool is_contraction(const Matrix& middle, const Matrix& radius) const {
    if (!is_map_) return contraction(shape_, inverse_, sense_ * middle, radius, false) < 0;
    if (sense_ > 0) return contraction(shape_, inverse_, middle, radius, true) < 1;
    // Backwards: J stretches every direction, so that the preimages inside come nearer.
    const Matrix a = shape_ * middle * inverse_;
    const Matrix spread = shape_.cwiseAbs() * radius * inverse_.cwiseAbs();
    if (!a.allFinite() || !spread.allFinite()) return false;
    return numerics::svd(a).s(a.rows() - 1) - spread.norm() - rounding(shape_, inverse_, middle) >
           1;
  }

  const System& system_;
  const Vector input_, center_;
  const int period_, sense_;
  const bool is_map_;
  const Matrix shape_, inverse_;
};

// Whether points at this distance on both sides return nearer, and never go `farthest` away.
bool returns_nearer(const System& flow, ConstVectorRef input, const Attractor& disc,
                    ConstVectorRef across, double distance, double farthest, double period,
                    int sense) {
  for (const double side : {-1.0, 1.0}) {
    dynamics::FlowStepper stepper(flow, input, 1e-9, sense);
    Vector before = disc.center + side * distance * across;
    stepper.start(before);
    bool has_left = false, is_back = false;
    while (stepper.time() < 2 * period && !is_back) {
      before = stepper.state();
      if (!stepper.step() || (stepper.state() - disc.center).norm() > farthest) return false;
      const double was = disc.normal.dot(before - disc.center);
      const double is = disc.normal.dot(stepper.state() - disc.center);
      has_left = has_left || stepper.time() > period / 2;
      if (!has_left || !(was < 0 && is >= 0)) continue;
      double low = stepper.previous_time(), high = stepper.time();
      for (int i = 0; i < 50; ++i) {
        const double middle = (low + high) / 2;
        (disc.normal.dot(stepper.at(middle) - disc.center) < 0 ? low : high) = middle;
      }
      const double offset = side * across.dot(stepper.at(high) - disc.center);
      if (!(offset >= 0 && offset < distance)) return false;
      is_back = true;
    }
    if (!is_back) return false;
  }
  return true;
}

}  // namespace

std::optional<Attractor> ellipsoid_around(const System& system, ConstVectorRef input,
                                          ConstVectorRef point, const dynamics::Box& box,
                                          int period, int sense) {
  const EllipsoidTest test(system, input, point, period, sense);
  double size = (box.upper - box.lower).norm() / test.unit_size();
  if (!std::isfinite(size)) return std::nullopt;
  for (int i = 0; i < kHalvings; ++i, size /= 2)
    if (test.passes(size)) {
      Attractor result;
      result.center = point;
      result.shape = (1 + kMargin) / size * test.shape();
      if (system.intervals()) result.verdict = fixed_points::Verdict::proven;
      return result;
    }
  return std::nullopt;
}

std::optional<Attractor> disc_across(const System& flow, ConstVectorRef input,
                                     const cycles::Cycle& cycle, const dynamics::Box& box,
                                     int sense) {
  Attractor result;
  result.kind = AttractorKind::cycle;
  result.center = cycle.states.row(0).transpose();
  result.normal = (sense * dynamics::evaluate_at(flow, result.center, input)).normalized();
  const Index n = result.center.size();
  double size = (box.upper - box.lower).norm() / 16;
  for (int i = 0; i < 20; ++i, size /= 2) {
    bool is_nearer = true;
    for (Index k = 0; k < n && is_nearer; ++k) {
      Vector across = Vector::Unit(n, k);
      across -= across.dot(result.normal) * result.normal;
      if (n == 2) across = Eigen::Vector2d(-result.normal(1), result.normal(0));
      if (across.norm() < 0.1) continue;
      is_nearer = returns_nearer(flow, input, result, across.normalized(), size,
                                 kFarthest * (box.upper - box.lower).norm(), cycle.period, sense);
      if (n == 2) break;
    }
    if (!is_nearer) continue;
    result.radius = size;
    return result;
  }
  return std::nullopt;
}

std::vector<Attractor> find_attractors(const System& system, const Portrait& portrait, int sense) {
  std::vector<Attractor> result;
  const auto add = [&](std::optional<Attractor> one, AttractorKind kind, std::size_t number) {
    if (!one) return;
    one->kind = kind;
    one->number = static_cast<Index>(number);
    result.push_back(std::move(*one));
  };
  for (std::size_t i = 0; i < portrait.points.points.size(); ++i) {
    const fixed_points::FixedPoint& point = portrait.points.points[i];
    const bool is_sought = sense > 0 ? point.n_unstable == 0
                                     : point.n_unstable == static_cast<int>(portrait.n_states());
    if (point.kind == fixed_points::Kind::fixed && is_sought)
      add(ellipsoid_around(system, portrait.input, point.state, portrait.box, 1, sense),
          AttractorKind::point, i);
  }
  if (portrait.cycles)
    for (std::size_t i = 0; i < portrait.cycles->cycles.size(); ++i) {
      // Those of saddle type attract in neither sense.
      const cycles::Cycle& cycle = portrait.cycles->cycles[i];
      const bool may_attract =
          sense > 0 ? cycle.n_unstable == 0 : cycle.n_unstable == cycle.multipliers.size();
      if (!may_attract) continue;
      add(disc_across(system, portrait.input, cycle, portrait.box, sense), AttractorKind::cycle, i);
    }
  if (portrait.orbits && sense > 0)
    for (std::size_t i = 0; i < portrait.orbits->orbits.size(); ++i) {
      const orbits::Orbit& orbit = portrait.orbits->orbits[i];
      if (orbit.kind == orbits::Kind::undecided || orbit.points.rows() == 0) continue;
      if (orbit.kind == orbits::Kind::periodic) {
        if (orbit.n_unstable > 0) continue;
        for (Index k = 0; k < orbit.points.rows(); ++k)
          add(ellipsoid_around(system, portrait.input, orbit.points.row(k).transpose(),
                               portrait.box, orbit.period, 1),
              AttractorKind::orbit, i);
        continue;
      }
      Attractor near;
      near.states = orbit.points;
      near.radius = std::max(kNearOrbit * (portrait.box.upper - portrait.box.lower).norm(),
                             kGapShare * widest_gap(orbit));
      add(near, AttractorKind::orbit, i);
    }
  return result;
}

Index captured_by(const std::vector<Attractor>& attractors, ConstVectorRef before,
                  ConstVectorRef after) {
  for (std::size_t i = 0; i < attractors.size(); ++i) {
    const Attractor& a = attractors[i];
    if (a.shape.size() > 0 && (a.shape * (after - a.center)).squaredNorm() <= 1)
      return static_cast<Index>(i);
    if (a.normal.size() == 0) continue;
    const double was = a.normal.dot(before - a.center), is = a.normal.dot(after - a.center);
    if (!(was < 0 && is >= 0)) continue;
    const Vector crossing = before + was / (was - is) * (after - before);
    // Half of it: the straight line is not the trajectory.
    if ((crossing - a.center).norm() <= a.radius / 2) return static_cast<Index>(i);
  }
  return -1;
}

}  // namespace nullcline::portrait
