// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/speed.hpp"

#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::fixed_points::internal {

Vector Speed::of(const Matrix& states) {
  residual_.resize(states.rows(), states.cols());
  equation_.residual(states, residual_);
  return 0.5 * residual_.rowwise().squaredNorm();
}

void Speed::differentiate(const Matrix& states) {
  const Index n = states.cols();
  gradient_.resize(states.rows(), n);
  if (const auto* form = equation_.row_scaled_jacobian()) {
    const Index n_terms = form->n_terms();
    scales_.resize(states.rows(), n_terms * n);
    form->scales(states, equation_.input_row(), scales_);
    for (Index k = 0; k < n_terms; ++k) scales_.middleCols(k * n, n).array() *= residual_.array();
    numerics::multiply(scales_, form->weights(), gradient_);
    gradient_ += equation_.jacobian_shift() * residual_;
    return;
  }
  Matrix jacobian(n, n);
  for (Index i = 0; i < states.rows(); ++i) {
    equation_.jacobian(states.row(i), jacobian);
    gradient_.row(i).noalias() = residual_.row(i) * jacobian;
  }
}

}  // namespace nullcline::fixed_points::internal
