// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/classify.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <numeric>

#include "nullcline/core/watched.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points {

namespace {

using dynamics::Time;
using Complex = std::complex<double>;

// The order of the eigenvalues: falling, a conjugate pair with its positive imaginary part first,
// ties by what is left. LAPACK's pairs stay neighbours, which left_inverse needs.
std::vector<Index> falling_order(const ComplexVector& values, Time time) {
  const auto key = [&](Index i) {
    return time == Time::discrete ? std::abs(values(i)) : values(i).real();
  };
  std::vector<Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return key(a) > key(b); });
  return order;
}

// R^-1 by real arithmetic. A pair r = a +- ib spans the columns a, b of a real matrix V; with rows
// p, q of V^-1 for them, the rows of R^-1 are (p -+ iq) / 2.
ComplexMatrix left_inverse(const ComplexVector& values, const ComplexMatrix& right) {
  const Index n = values.size();
  Matrix columns(n, n);
  for (Index j = 0; j < n; ++j) {
    columns.col(j) = right.col(j).real();
    if (values(j).imag() > 0 && j + 1 < n) {
      columns.col(j + 1) = right.col(j).imag();
      ++j;
    }
  }
  Matrix inverse = numerics::inverse(columns);
  if (!inverse.allFinite()) {  // exactly defective: the pseudo-inverse
    const numerics::Svd svd = numerics::svd(columns);
    const double floor = svd.s(0) * static_cast<double>(n) * std::numeric_limits<double>::epsilon();
    const Vector inverse_s = svd.s.unaryExpr([floor](double s) { return s > floor ? 1 / s : 0.0; });
    inverse = svd.v_transposed.transpose() * inverse_s.asDiagonal() * svd.u.transpose();
  }
  ComplexMatrix left(n, n);
  for (Index j = 0; j < n; ++j) {
    if (values(j).imag() > 0 && j + 1 < n) {
      const Complex i(0, 1);
      left.row(j) = (inverse.row(j).cast<Complex>() - i * inverse.row(j + 1).cast<Complex>()) / 2.0;
      left.row(j + 1) = left.row(j).conjugate();
      ++j;
    } else {
      left.row(j) = inverse.row(j).cast<Complex>();
    }
  }
  return left;
}

double infinity_norm(const ComplexMatrix& a) {
  return Matrix(a.array().abs2().sqrt()).rowwise().sum().maxCoeff();
}

// One call takes seconds from here up, longer than somebody who gave up should wait.
constexpr Index kSlowEigensystem = 400;

numerics::Eigensystem eigensystem(const Matrix& jacobian, const std::function<void()>& look) {
  if (jacobian.rows() < kSlowEigensystem) return numerics::eigensystem(jacobian);
  const auto result = std::make_shared<numerics::Eigensystem>();
  run_watched([result, jacobian] { *result = numerics::eigensystem(jacobian); }, look);
  return std::move(*result);
}

// A system whose caller has given up throws when it is evaluated: `look` asks it.
void set_modes(const Matrix& jacobian, Time time, const std::function<void()>& look,
               FixedPoint& point) {
  const numerics::Eigensystem system = eigensystem(jacobian, look);
  const Index n = jacobian.rows();
  const std::vector<Index> order = falling_order(system.values, time);
  point.eigenvalues.resize(n);
  point.right_eigenvectors.resize(n, n);
  for (Index j = 0; j < n; ++j) {
    point.eigenvalues(j) = system.values(order[static_cast<std::size_t>(j)]);
    point.right_eigenvectors.col(j) = system.right.col(order[static_cast<std::size_t>(j)]);
  }
  point.left_eigenvectors = left_inverse(point.eigenvalues, point.right_eigenvectors);
  point.defective = !system.converged || !(infinity_norm(point.right_eigenvectors) *
                                               infinity_norm(point.left_eigenvectors) <=
                                           kDefectiveCondition);
}

void set_stability(Time time, FixedPoint& point) {
  const Index n = point.eigenvalues.size();
  point.time_constants.resize(n);
  point.frequencies.resize(n);
  point.n_unstable = 0;
  bool degenerate = false;
  for (Index j = 0; j < n; ++j) {
    const Complex value = point.eigenvalues(j);
    const double growth = time == Time::discrete ? std::log(std::abs(value)) : value.real();
    const double turn = time == Time::discrete ? std::abs(std::arg(value)) : std::abs(value.imag());
    point.time_constants(j) = 1 / std::abs(growth);
    point.frequencies(j) = turn / (2 * std::numbers::pi);
    const double excess = time == Time::discrete ? std::abs(value) - 1 : value.real();
    if (excess > kDegenerateMargin) ++point.n_unstable;
    if (!(std::abs(excess) > kDegenerateMargin)) degenerate = true;
  }
  if (degenerate)
    point.stability = Stability::degenerate;
  else if (point.n_unstable == 0)
    point.stability = Stability::stable;
  else
    point.stability = point.n_unstable == n ? Stability::unstable : Stability::saddle;
}

}  // namespace

void linearize(const dynamics::System& system, ConstVectorRef input, FixedPoint& point) {
  const Time time = system.time();
  Vector change = evaluate_at(system, point.state, input);
  if (time == Time::discrete) change -= point.state;
  point.speed = change.squaredNorm() / 2;
  point.residual = change.cwiseAbs().maxCoeff();
  point.at_kink = system.has_kinks() && system.kink_distance(point.state, input) <= kKinkMargin;
  const auto look = [&] { evaluate_at(system, point.state, input); };
  set_modes(jacobian_at(system, point.state, input), time, look, point);
  set_stability(time, point);
}

}  // namespace nullcline::fixed_points
