// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/internal/circle_newton.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::orbits::internal {

namespace {

using Complex = std::complex<double>;
constexpr double kTurn = 2 * std::numbers::pi;

// (1 + 2 sum cos 2 pi m x) / n: the trigonometric interpolant of a unit at 0, and its derivative.
double dirichlet(Index n, double x) {
  const double sine = std::sin(std::numbers::pi * x);
  const double order = static_cast<double>(n);
  if (std::abs(sine) < 1e-14) return 1;  // n is odd
  return std::sin(std::numbers::pi * order * x) / (order * sine);
}

Vector grid(Index n, double shift) {
  return Vector::LinSpaced(n, 0, static_cast<double>(n - 1)) / static_cast<double>(n) +
         Vector::Constant(n, shift);
}

// Solves a(theta + rho) - a(theta) = b(theta) - mean(b) with mean(a) = 0.
Vector solve_cohomology(const Vector& right_hand_side, double rotation) {
  const Index n = right_hand_side.size(), n_modes = (n - 1) / 2;
  Vector result = Vector::Zero(n);
  for (Index m = 1; m <= n_modes; ++m) {
    Complex coefficient = 0;
    const double frequency = kTurn * static_cast<double>(m);
    for (Index j = 0; j < n; ++j)
      coefficient += right_hand_side(j) *
                     std::polar(1.0, -frequency * static_cast<double>(j) / static_cast<double>(n));
    coefficient /= static_cast<double>(n) * (std::polar(1.0, frequency * rotation) - 1.0);
    for (Index j = 0; j < n; ++j)
      result(j) += 2 * (coefficient * std::polar(1.0, frequency * static_cast<double>(j) /
                                                          static_cast<double>(n)))
                           .real();
  }
  return result;
}

// out_j = DF(K(theta_j)) w_j
void apply_jacobians(const Matrix& jacobians, const Matrix& w, Matrix& out) {
  const Index n = w.cols();
  for (Index j = 0; j < w.rows(); ++j)
    out.row(j).noalias() = w.row(j) * jacobians.middleRows(j * n, n).transpose();
}

void project_out(const Matrix& tangents, Matrix& rows) {
  for (Index j = 0; j < rows.rows(); ++j)
    rows.row(j) -= rows.row(j).dot(tangents.row(j)) * tangents.row(j);
}

// w(theta + rho) = P (DF w + error)(theta) as a linear system: it does not mind slow contraction.
bool solve_normal(const Matrix& jacobians, const Matrix& tangents, const Matrix& back,
                  const Matrix& error, Matrix& normal) {
  const Index n = error.rows(), size = error.cols();
  Matrix a(n * size, n * size), right = error;
  project_out(tangents, right);
  const Matrix moved = back * right;
  for (Index l = 0; l < n; ++l) {
    const auto tangent = tangents.row(l);
    Matrix block = jacobians.middleRows(l * size, size);
    block -= tangent.transpose() * (tangent * block).eval();
    for (Index j = 0; j < n; ++j) a.block(j * size, l * size, size, size) = -back(j, l) * block;
  }
  a.diagonal().array() += 1;
  std::vector<int> pivots(static_cast<std::size_t>(n * size));
  if (!numerics::lu_factor(a, pivots)) return false;
  Vector w = Eigen::Map<const Vector>(moved.data(), moved.size());
  numerics::lu_solve(a, pivots, VectorRef(w));
  normal = Eigen::Map<const Matrix>(w.data(), n, size);
  return normal.allFinite();
}

// The same by iteration, which an attracting curve makes contract.
bool iterate_normal(const Matrix& jacobians, const Matrix& tangents, const Matrix& back,
                    const Matrix& error, Matrix& normal) {
  constexpr int kMaxIterations = 4000;
  constexpr double kInnerTolerance = 1e-5;
  const Index n = error.rows(), size = error.cols();
  Matrix image(n, size), next(n, size);
  const double scale = error.cwiseAbs().maxCoeff();
  bool settled = scale == 0;
  normal.setZero(n, size);
  for (int i = 0; i < kMaxIterations && !settled; ++i) {
    apply_jacobians(jacobians, normal, image);
    image += error;
    project_out(tangents, image);
    numerics::multiply(back, image, next);
    const double change = (next - normal).cwiseAbs().maxCoeff();
    if (!(change < 1e12 * scale)) return false;
    settled = change <= kInnerTolerance * scale;
    normal.swap(next);
  }
  return settled;
}

}  // namespace

Matrix interpolation_matrix(Index n, ConstVectorRef angles) {
  Matrix weights(angles.size(), n);
  for (Index j = 0; j < angles.size(); ++j)
    for (Index l = 0; l < n; ++l)
      weights(j, l) = dirichlet(n, angles(j) - static_cast<double>(l) / static_cast<double>(n));
  return weights;
}

Matrix shift_matrix(Index n, double shift) { return interpolation_matrix(n, grid(n, shift)); }

// By the angle in turns: pi (-1)^(j-l) / sin(pi (j-l) / n) off the diagonal, for odd n.
Matrix derivative_matrix(Index n) {
  Matrix weights = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j)
    for (Index l = 0; l < n; ++l)
      if (j != l)
        weights(j, l) =
            ((j - l) % 2 == 0 ? 1 : -1) * std::numbers::pi /
            std::sin(std::numbers::pi * static_cast<double>(j - l) / static_cast<double>(n));
  return weights;
}

double invariance_error(const dynamics::System& map, const Matrix& input, const Circle& circle,
                        double offset) {
  const Index n = circle.samples.rows();
  Matrix images(n, circle.samples.cols());
  map.evaluate(shift_matrix(n, offset) * circle.samples, input, images);
  images -= shift_matrix(n, offset + circle.rotation) * circle.samples;
  const double largest = images.cwiseAbs().maxCoeff();
  return images.allFinite() ? largest : std::numeric_limits<double>::infinity();
}

bool newton_step(const dynamics::System& map, const Matrix& input, Circle& circle) {
  constexpr Index kMaxDenseUnknowns = 1100;
  const Index n = circle.samples.rows(), size = circle.samples.cols();
  const Matrix forward = shift_matrix(n, circle.rotation);
  const Matrix back = shift_matrix(n, -circle.rotation);
  Matrix error(n, size), jacobians(n * size, size);
  map.evaluate(circle.samples, input, error);
  map.jacobian(circle.samples, input, jacobians);
  error -= forward * circle.samples;
  if (!error.allFinite() || !jacobians.allFinite()) return false;
  const Matrix velocity = forward * (derivative_matrix(n) * circle.samples);  // at theta + rho
  const Vector speed = velocity.rowwise().norm();
  if (!(speed.minCoeff() > 0)) return false;
  const Matrix tangents = speed.cwiseInverse().asDiagonal() * velocity;

  Matrix normal(n, size), image(n, size);
  const bool is_small = n * size <= kMaxDenseUnknowns;
  if (!(is_small ? solve_normal(jacobians, tangents, back, error, normal)
                 : iterate_normal(jacobians, tangents, back, error, normal)))
    return false;
  apply_jacobians(jacobians, normal, image);
  image += error;
  Vector along(n);
  for (Index j = 0; j < n; ++j) along(j) = image.row(j).dot(tangents.row(j)) / speed(j);
  circle.rotation += along.mean();
  const Vector advance = solve_cohomology(along, circle.rotation);
  circle.samples += normal + advance.asDiagonal() * Matrix(derivative_matrix(n) * circle.samples);
  return circle.samples.allFinite();
}

Circle with_modes(const Circle& circle, Index n_modes) {
  const Vector angles = grid(2 * n_modes + 1, 0);
  return {interpolation_matrix(circle.samples.rows(), angles) * circle.samples, circle.rotation};
}

}  // namespace nullcline::orbits::internal
