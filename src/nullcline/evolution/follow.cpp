// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/evolution/follow.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "nullcline/fixed_points/equation.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::evolution {

namespace {

constexpr std::size_t kKept = 6;
constexpr double kShortest = 1.0 / 1024;
constexpr double kContraction = 0.25;
constexpr double kSmall = 1e-10;  // a correction of this share of 1 + |x| is the last
constexpr int kMaxCorrections = 8;

// The zero of r near `x`, if corrections shrink as they should.
std::optional<Vector> correct(const fixed_points::Equation& equation, Vector x) {
  std::vector<int> pivots(static_cast<std::size_t>(x.size()));
  double before = 0;
  for (int i = 0; i < kMaxCorrections; ++i) {
    Matrix jacobian = equation.jacobian_at(x);
    Vector step = -equation.residual_at(x);
    if (!numerics::lu_factor(jacobian, pivots)) return std::nullopt;
    numerics::lu_solve(jacobian, pivots, VectorRef(step));
    const double size = step.norm();
    if (!std::isfinite(size) || (i > 0 && size > kContraction * before)) return std::nullopt;
    x += step;
    if (size <= kSmall * (1 + x.norm())) return x;
    before = size;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const dynamics::System> SystemLine::at(double t) const {
  const std::lock_guard lock(mutex_);
  const auto known =
      std::find_if(recent_.begin(), recent_.end(), [t](const auto& one) { return one.first == t; });
  if (known != recent_.end()) {
    recent_.splice(recent_.begin(), recent_, known);
  } else {
    recent_.emplace_front(t, make_(t));
    if (recent_.size() > kKept) recent_.pop_back();
  }
  return recent_.front().second;
}

Followed follow_point(const SystemLine& line, double from, double to, ConstVectorRef input,
                      ConstVectorRef state, double longest) {
  Followed result{false, state, from};
  double share = 0, length = longest;
  while (share < 1) {
    const double next = std::min(1.0, share + length);
    const double t = next == 1 ? to : from + next * (to - from);
    const auto system = line.at(t);
    const fixed_points::Equation equation(*system, input);
    const Matrix start = equation.restrict_states(Matrix(result.state.transpose()));
    if (const auto zero = correct(equation, start.row(0).transpose())) {
      result.state = equation.lift(*zero);
      result.at = t;
      share = next;
      length = std::min(2 * length, longest);
    } else {
      length /= 2;
      if (length < kShortest) return result;
    }
  }
  result.arrived = true;
  return result;
}

}  // namespace nullcline::evolution
