// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/continuation/problems.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::continuation {

using Form = Family::Form;

Chart::Chart(Index n, Index n_extra, Matrix intervals)
    : n_(n),
      n_extra_(n_extra),
      intervals_(std::move(intervals)),
      scale_(std::sqrt(std::sqrt(static_cast<double>(n)))) {}

Vector Chart::p(ConstVectorRef y) const {
  const Vector share = y.tail(intervals_.rows());
  // Both ends exactly.
  return intervals_.col(0).cwiseProduct(Vector::Ones(share.size()) - share) +
         intervals_.col(1).cwiseProduct(share);
}

Vector Chart::unknowns(ConstVectorRef x, ConstVectorRef extra, ConstVectorRef p) const {
  Vector y(n_unknowns());
  y.head(n_) = x / scale_;
  y.segment(n_, n_extra_) = extra;
  y.tail(p.size()) =
      (p - intervals_.col(0)).cwiseQuotient(Vector(intervals_.col(1) - intervals_.col(0)));
  return y;
}

EquilibriumProblem::EquilibriumProblem(Family family, Matrix interval, Form form)
    : family_(std::move(family)), form_(form), chart_(family_.size(form), 0, std::move(interval)) {}

Vector EquilibriumProblem::residual(ConstVectorRef y) const {
  return family_.residual(form_, chart_.x(y), chart_.p(y));
}

Matrix EquilibriumProblem::jacobian(ConstVectorRef y) const {
  const Vector x = chart_.x(y), p = chart_.p(y);
  Matrix all(chart_.n(), n_unknowns());
  all.leftCols(chart_.n()) = chart_.scale() * family_.jacobian(form_, x, p);
  all.col(chart_.n()) = chart_.width(0) * family_.parameter_derivative(form_, x, p, 0);
  return all;
}

Matrix EquilibriumProblem::jacobian_derivative(ConstVectorRef y, ConstVectorRef dy) const {
  const double step = 1e-3 * (1 + y.lpNorm<Eigen::Infinity>()) / dy.lpNorm<Eigen::Infinity>();
  const auto difference = [&](double s) {
    return Matrix(jacobian(y + s * dy) - jacobian(y - s * dy));
  };
  return (8 * difference(step) - difference(2 * step)) / (12 * step);
}

SingularityProblem::SingularityProblem(Family family, Matrix intervals, Singularity kind,
                                       ConstVectorRef x, ConstVectorRef p, double kappa)
    : family_(std::move(family)),
      kind_(kind),
      form_(kind == Singularity::fold ? Form::solved : Form::full),
      chart_(x.size(), kind == Singularity::rotation ? 1 : 0, std::move(intervals)) {
  Vector extra(has_kappa() ? 1 : 0);
  if (has_kappa()) extra(0) = kappa;
  start_ = chart_.unknowns(x, extra, p);
  const Index rank = has_kappa() ? 2 : 1;
  const Matrix j = jacobian_of_map(x, p);
  borders_ = singular_borders(singular_matrix(j, kappa), rank, rank);
  set_weights(j);
}

double SingularityProblem::kappa(ConstVectorRef y) const {
  return has_kappa() ? y(chart_.n()) : 0.0;
}

Vector SingularityProblem::state(ConstVectorRef y) const {
  return form_ == Form::solved ? family_.lift(chart_.x(y), chart_.p(y)) : chart_.x(y);
}

Matrix SingularityProblem::jacobian_of_map(ConstVectorRef x, ConstVectorRef p) const {
  Matrix j = family_.jacobian(form_, x, p);
  if (kind_ != Singularity::fold && family_.time() == dynamics::Time::discrete)
    j.diagonal().array() += 1;
  return j;
}

Matrix SingularityProblem::singular_matrix(const Matrix& j, double kappa) const {
  if (kind_ == Singularity::fold) return j;
  Matrix a = j;
  if (kind_ == Singularity::flip) {
    a.diagonal().array() += 1;
    return a;
  }
  numerics::multiply(j, j, a);
  if (family_.time() == dynamics::Time::continuous) {
    a.diagonal().array() += kappa;
  } else {
    a -= 2 * kappa * j;
    a.diagonal().array() += 1;
  }
  return a;
}

// Conditions on g in the basis of the borders: with K = left^T right it is K ((kappa - det) I +
// trace J2) up to higher order, so that K^-1 g is paired with I and with J2 less its trace.
void SingularityProblem::set_weights(const Matrix& j) {
  if (!has_kappa()) {
    weights_[0] = Matrix::Ones(1, 1);
    return;
  }
  const Matrix inverse = numerics::inverse(borders_.left.transpose() * borders_.right);
  Matrix j2 = borders_.right.transpose() * j * borders_.right;
  j2.diagonal().array() -= j2.trace() / 2;
  j2 /= std::max(j2.norm(), std::numeric_limits<double>::min());
  weights_[0] = inverse.transpose();  // <I, K^-1 g> = <K^-T, g>
  weights_[1] = inverse.transpose() * j2;
}

Vector SingularityProblem::conditions(const Matrix& g) const {
  Vector values(g.rows());
  for (Index i = 0; i < values.size(); ++i) values(i) = weights_[i].cwiseProduct(g).sum();
  return values;
}

Vector SingularityProblem::residual(ConstVectorRef y) const {
  const Vector x = chart_.x(y), p = chart_.p(y);
  const Index n = chart_.n();
  Vector all(n + (has_kappa() ? 2 : 1));
  all.head(n) = family_.residual(form_, x, p);
  const auto solution =
      bordered_solution(singular_matrix(jacobian_of_map(x, p), kappa(y)), borders_);
  if (solution.is_regular)
    all.tail(all.size() - n) = conditions(solution.g);
  else
    all.setConstant(std::numeric_limits<double>::quiet_NaN());
  return all;
}

Matrix SingularityProblem::jacobian(ConstVectorRef y) const {
  const Vector x = chart_.x(y), p = chart_.p(y);
  const Index n = chart_.n(), n_conditions = has_kappa() ? 2 : 1;
  const Index n_p = chart_.intervals().rows();
  Matrix all = Matrix::Zero(n + n_conditions, n_unknowns());
  all.topLeftCorner(n, n) = chart_.scale() * family_.jacobian(form_, x, p);
  for (Index k = 0; k < n_p; ++k)
    all.block(0, n_unknowns() - n_p + k, n, 1) =
        chart_.width(k) * family_.parameter_derivative(form_, x, p, k);

  const Matrix j = jacobian_of_map(x, p);
  const double q = kappa(y);
  const auto solution = bordered_solution(singular_matrix(j, q), borders_);
  if (!solution.is_regular) {
    all.setConstant(std::numeric_limits<double>::quiet_NaN());
    return all;
  }
  // A = J + c I:      a^T dA b = a^T dJ b.
  // A = J^2 + c1 J + c0 I:  a^T dA b = a^T dJ (J b + c1 b) + (J^T a)^T dJ b.
  const double c1 = family_.time() == dynamics::Time::continuous ? 0 : -2 * q;
  const Index rank = solution.x.cols();
  struct Term {
    Vector left, right;
  };
  const Vector no_p = Vector::Zero(n_p), no_x = Vector::Zero(n);
  for (Index c = 0; c < n_conditions; ++c)
    for (Index col = 0; col < rank; ++col) {
      // sum_row weight(row, col) (-y_row^T dA x_col): one left vector per column of g.
      const Vector left = -(solution.y * weights_[c].col(col));
      const Vector right = solution.x.col(col);
      std::vector<Term> terms;
      if (has_kappa()) {
        terms.push_back({left, j * right + c1 * right});
        terms.push_back({j.transpose() * left, right});
      } else {
        terms.push_back({left, right});
      }
      for (const Term& term : terms) {
        // a^T D2R[b, e_i] = (D_b J)^T a, by the symmetry of second derivatives.
        all.row(n + c).head(n) +=
            chart_.scale() *
            (family_.jacobian_derivative(form_, x, p, term.right, no_p).transpose() * term.left)
                .transpose();
        for (Index k = 0; k < n_p; ++k)
          all(n + c, n_unknowns() - n_p + k) +=
              chart_.width(k) *
              term.left.dot(family_.jacobian_derivative(form_, x, p, no_x, Vector::Unit(n_p, k)) *
                            term.right);
      }
      if (has_kappa())  // dA / dkappa is I, or -2 J
        all(n + c, n) += family_.time() == dynamics::Time::continuous ? left.dot(right)
                                                                      : -2 * left.dot(j * right);
    }
  return all;
}

void SingularityProblem::accept(ConstVectorRef y) {
  const Matrix j = jacobian_of_map(chart_.x(y), chart_.p(y));
  const auto solution = bordered_solution(singular_matrix(j, kappa(y)), borders_);
  if (!solution.is_regular) return;
  borders_ = updated_borders(solution);
  set_weights(j);
}

}  // namespace nullcline::continuation
