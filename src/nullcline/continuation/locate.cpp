// SPDX-License-Identifier: BSD-3-Clause
// Newton's method on the equations of singular points.
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "nullcline/continuation/problems.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

namespace {

constexpr int kMaxNewton = 20;
constexpr double kSmallStep = 1e-13;
constexpr double kStagnation = 1e-7;  // below it a step that stops shrinking is rounding

struct Linearization {
  Vector residual;
  Matrix jacobian;
};

std::optional<Located> newton_square(Vector y, double radius,
                                     const std::function<Linearization(const Vector&)>& at) {
  const Vector start = y;
  std::vector<int> pivots(static_cast<std::size_t>(y.size()));
  double last = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kMaxNewton; ++i) {
    Linearization l = at(y);
    if (!l.residual.allFinite() || !l.jacobian.allFinite()) return std::nullopt;
    if (!numerics::lu_factor(l.jacobian, pivots)) return std::nullopt;
    Vector step = l.residual;
    numerics::lu_solve(l.jacobian, pivots, VectorRef(step));
    y -= step;
    const double size = step.norm() / (1 + y.norm());
    if (!std::isfinite(size) || (y - start).norm() > radius) return std::nullopt;
    if (size <= kSmallStep || (size <= kStagnation && size > 0.3 * last)) return Located{y, size};
    last = size;
  }
  return std::nullopt;
}

// The lines of a11 s^2 + 2 a12 s t + a22 t^2 = 0 as columns (s, t); zero size unless two are real.
Matrix lines_of(double a11, double a12, double a22) {
  const double size = std::max({std::abs(a11), std::abs(a12), std::abs(a22)});
  const double discriminant = a12 * a12 - a11 * a22;
  if (!(discriminant > 1e-10 * size * size)) return {};
  const double q = -(a12 + std::copysign(std::sqrt(discriminant), a12));
  Matrix lines(2, 2);  // s/t = q / a11 and a22 / q
  lines << q, a22, a11, q;
  return lines;
}

}  // namespace

std::optional<Located> solve_square(const SingularityProblem& problem, double radius) {
  return newton_square(problem.start(), radius, [&](const Vector& y) {
    return Linearization{problem.residual(y), problem.jacobian(y)};
  });
}

std::optional<LocatedBranchPoint> locate_branch_point(const EquilibriumProblem& problem,
                                                      ConstVectorRef start, double radius) {
  const Index n = problem.n_unknowns() - 1;
  const Borders borders = singular_borders(problem.jacobian(start), 1, 2);
  const Vector w = borders.left.col(0);
  Vector unknowns(n + 2);
  unknowns << start, 0.0;
  const auto found = newton_square(unknowns, radius, [&](const Vector& all) {
    const Vector y = all.head(n + 1);
    const Matrix dg = problem.jacobian(y);
    const BorderedSolution solution = bordered_solution(dg, borders);
    Linearization l{Vector::Constant(n + 2, std::numeric_limits<double>::quiet_NaN()),
                    Matrix::Zero(n + 2, n + 2)};
    if (!solution.is_regular) return l;
    l.residual.head(n) = problem.residual(y) + all(n + 1) * w;
    l.residual.tail(2) = solution.g.row(0).transpose();
    l.jacobian.topLeftCorner(n, n + 1) = dg;
    l.jacobian.topRightCorner(n, 1) = w;
    for (Index i = 0; i < 2; ++i)
      l.jacobian.row(n + i).head(n + 1) =
          -(problem.jacobian_derivative(y, solution.x.col(i)).transpose() * solution.y.col(0))
               .transpose();
    return l;
  });
  if (!found || std::abs(found->y(n + 1)) > 1e-9) return std::nullopt;

  LocatedBranchPoint point{found->y.head(n + 1), found->error, {}};
  const BorderedSolution solution = bordered_solution(problem.jacobian(point.y), borders);
  if (!solution.is_regular) return std::nullopt;
  const Borders at = updated_borders(solution);
  const Vector v1 = at.right.col(0), v2 = at.right.col(1), left = at.left.col(0);
  const Matrix along_1 = problem.jacobian_derivative(point.y, v1);
  const Matrix along_2 = problem.jacobian_derivative(point.y, v2);
  const Matrix lines =
      lines_of(left.dot(along_1 * v1), left.dot(along_1 * v2), left.dot(along_2 * v2));
  if (lines.size() > 0) {
    point.tangents = at.right * lines;
    point.tangents.colwise().normalize();
  }
  return point;
}

}  // namespace nullcline::continuation
