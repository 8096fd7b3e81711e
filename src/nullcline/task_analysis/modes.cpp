// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/task_analysis/modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <complex>

#include "nullcline/core/error.hpp"

namespace nullcline::task_analysis {

namespace {

using Complex = std::complex<double>;

bool is_linear(const models::Network& network) {
  return network.top().cell != models::CellKind::leaky_outside;
}

// Unlike std::pow, 0^0 = 1.
Complex power(Complex base, int exponent) {
  Complex result = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2 == 1) result *= base;
  return result;
}

}  // namespace

Matrix readout_jacobian(const models::Network& network, ConstVectorRef state) {
  const Index n = network.n_states();
  // Differences of a linear readout are exact where they are taken from 0.
  const bool linear = is_linear(network);
  const double step = linear ? 1 : 1e-5;
  const Matrix offset = step * Matrix::Identity(n, n);
  const Matrix base = linear ? Matrix(Matrix::Zero(n, n)) : state.transpose().replicate(n, 1);
  const Matrix difference =
      models::readout(network, base + offset) - models::readout(network, base - offset);
  return (difference / (2 * step)).transpose();
}

Matrix input_selection(const fixed_points::FixedPoint& point, ConstMatrixRef input_jacobian) {
  return (point.left_eigenvectors * input_jacobian.cast<Complex>()).cwiseAbs();
}

Matrix mode_responses(const fixed_points::FixedPoint& point, ConstVectorRef b, ConstVectorRef c,
                      const std::vector<int>& steps) {
  const Index n = point.left_eigenvectors.rows();
  const ComplexVector taken_in = point.left_eigenvectors * b.cast<Complex>();
  const ComplexVector given_out = point.right_eigenvectors.transpose() * c.cast<Complex>();
  Matrix responses = Matrix::Zero(static_cast<Index>(steps.size()), n + 1);
  for (Index row = 0; row < responses.rows(); ++row) {
    const int t = steps[static_cast<std::size_t>(row)];
    if (t < 1) throw InvalidInput(fmt::format("steps: found {}, expected at least 1", t));
    for (Index i = 0; i < n; ++i)
      responses(row, i + 1) =
          responses(row, i) +
          (given_out(i) * power(point.eigenvalues(i), t - 1) * taken_in(i)).real();
  }
  for (Index i = 0; i + 1 < n; ++i) {
    if (point.eigenvalues(i).imag() == 0) continue;
    responses.col(i + 1) = responses.col(i + 2);
    ++i;  // its conjugate
  }
  return responses;
}

}  // namespace nullcline::task_analysis
