// SPDX-License-Identifier: BSD-3-Clause
// Pieces that the cell formulas share. `Scalar` is double, Interval, Dual over both, or Jet.
#pragma once

#include <algorithm>
#include <concepts>
#include <span>

#include "nullcline/models/network.hpp"
#include "nullcline/numerics/activations.hpp"
#include "nullcline/numerics/dual.hpp"
#include "nullcline/numerics/interval.hpp"
#include "nullcline/numerics/interval_arrays.hpp"
#include "nullcline/numerics/interval_products.hpp"
#include "nullcline/numerics/jet.hpp"
#include "nullcline/numerics/linear_algebra.hpp"

namespace nullcline::models::internal {

/// Row block `gate` of the weights.
inline const double* input_block(const Network& net, Index gate) {
  return net.input_weights.data() + gate * net.n_units() * net.n_inputs();
}
inline const double* recurrent_block(const Network& net, Index gate) {
  return net.recurrent_weights.data() + gate * net.n_units() * net.n_hidden();
}
inline const double* bias_block(const Network& net, Index gate) {
  return net.bias.data() + gate * net.n_units();
}

/// a v for an exact number a.
template <class Scalar>
Scalar times(double a, const Scalar& v) {
  if constexpr (std::same_as<Scalar, numerics::Interval>)
    return a * v;
  else
    return Scalar(a) * v;
}

/// Below so many columns intervals are multiplied one by one, which is a little tighter.
inline constexpr Index kFewColumns = 9;

/// (M v)_i for a row-major matrix with `cols` columns.
template <class Scalar>
Scalar row_product(const double* matrix, Index row, Index cols, const Scalar* v) {
  if constexpr (std::same_as<Scalar, numerics::Interval>)
    if (cols >= kFewColumns) return numerics::dot(matrix + row * cols, v, cols);
  Scalar sum(0.0);
  for (Index j = 0; j < cols; ++j) sum += times(matrix[row * cols + j], v[j]);
  return sum;
}

/// A row-major matrix times a vector.
template <class Scalar>
struct MatrixTimes {
  const double* matrix;
  const Scalar* vector;
  Index cols;
};

/// out = the sum of the terms and of `offset`, `rows` numbers each.
template <class Scalar, std::same_as<MatrixTimes<Scalar>>... Terms>
void affine(const double* offset, Scalar* out, Index rows, const Terms&... terms) {
  if constexpr (std::same_as<Scalar, numerics::Interval>) {
    if (std::max({terms.cols...}) >= kFewColumns) {
      const numerics::MatrixProduct products[] = {{terms.matrix, terms.vector, terms.cols}...};
      return numerics::affine(products, offset, out, rows);
    }
  }
  for (Index i = 0; i < rows; ++i)
    out[i] = (row_product(terms.matrix, i, terms.cols, terms.vector) + ...) + Scalar(offset[i]);
}

/// An exact row of numbers times a scalar.
template <class Scalar>
struct ScaledRow {
  Scalar scale;
  const double* row;
};

/// out_j = sum_k scale_k row_k[j]
template <class Scalar, std::same_as<ScaledRow<Scalar>>... Terms>
void combine_rows(Scalar* out, Index n, const Terms&... terms) {
  if constexpr (std::same_as<Scalar, numerics::Interval>) {
    if (n >= kFewColumns) {
      const numerics::ScaledRow rows[] = {{terms.scale, terms.row}...};
      return numerics::combine_rows(rows, out, n);
    }
  }
  for (Index j = 0; j < n; ++j) out[j] = (... + times(terms.row[j], terms.scale));
}

/// out_j = scale out_j + term_j
template <class Scalar>
void scale_and_add(const Scalar& scale, const ScaledRow<Scalar>& term, Scalar* out, Index n) {
  if constexpr (std::same_as<Scalar, numerics::Interval>)
    if (n >= kFewColumns) return numerics::scale_and_add(scale, {term.scale, term.row}, out, n);
  for (Index j = 0; j < n; ++j) out[j] = scale * out[j] + times(term.row[j], term.scale);
}

/// a_k(x, h)_i = (A_k x + W_k h + b_k)_i
template <class Scalar>
Scalar preactivation(const Network& net, Index gate, Index unit, const Scalar* h, const Scalar* x) {
  return row_product(input_block(net, gate), unit, net.n_inputs(), x) +
         row_product(recurrent_block(net, gate), unit, net.n_hidden(), h) +
         Scalar(bias_block(net, gate)[unit]);
}
/// out_i = a_k(x, h)_i for all units i.
template <class Scalar>
void preactivations(const Network& net, Index gate, const Scalar* h, const Scalar* x, Scalar* out) {
  using Times = MatrixTimes<Scalar>;
  affine(bias_block(net, gate), out, net.n_units(),
         Times{input_block(net, gate), x, net.n_inputs()},
         Times{recurrent_block(net, gate), h, net.n_hidden()});
}

/// phi and phi' at a pre-activation.
template <class Scalar>
struct Phi {
  Scalar value, derivative;
};

template <class Scalar>
Phi<Scalar> phi(Activation activation, const Scalar& a) {
  using numerics::relu;
  using numerics::relu_derivative;
  using numerics::tanh;
  if (activation == Activation::relu) return {relu(a), relu_derivative(a)};
  if (activation == Activation::logistic) {
    using numerics::sigmoid;
    const Scalar s = sigmoid(a);
    return {s, numerics::sigmoid_slope(s)};
  }
  const Scalar t = tanh(a);
  return {t, numerics::tanh_slope(t)};
}

template <class Scalar>
Scalar logistic(const Scalar& a) {
  using numerics::sigmoid;
  return sigmoid(a);
}

/// phi of pre-activations in place, and phi' there.
void apply_phi(Activation activation, std::span<double> values, double* derivatives);
template <class Scalar>
void apply_phi(Activation activation, Scalar* values, Scalar* derivatives, Index n) {
  if constexpr (std::same_as<Scalar, double>)
    return apply_phi(activation, {values, static_cast<std::size_t>(n)}, derivatives);
  if constexpr (std::same_as<Scalar, numerics::Interval>) {
    const std::span<Scalar> all(values, static_cast<std::size_t>(n));
    if (activation == Activation::tanh) {
      numerics::tanh_in_place(all);
      for (Index i = 0; i < n; ++i) derivatives[i] = numerics::tanh_slope(values[i]);
      return;
    }
    if (activation == Activation::logistic) {
      numerics::sigmoid_in_place(all);
      for (Index i = 0; i < n; ++i) derivatives[i] = numerics::sigmoid_slope(values[i]);
      return;
    }
  }
  for (Index i = 0; i < n; ++i) {
    const auto at = phi(activation, values[i]);
    values[i] = at.value;
    derivatives[i] = at.derivative;
  }
}

/// sigma of pre-activations in place.
template <class Scalar>
void apply_logistic(Scalar* values, Index n) {
  if constexpr (std::same_as<Scalar, numerics::Interval>)
    return numerics::sigmoid_in_place({values, static_cast<std::size_t>(n)});
  for (Index i = 0; i < n; ++i) values[i] = logistic(values[i]);
}

/// out = X A^T + H W^T + b for the gates [first, first + count); X may be one row for all.
void preactivations(const Network& net, Index first, Index count, ConstMatrixRef states,
                    ConstMatrixRef inputs, MatrixRef out);
/// out = X A^T + b only.
void input_preactivations(const Network& net, Index gate, ConstMatrixRef inputs, MatrixRef out);

/// out = A B for row-major A (rows, inner) and B (inner, cols).
template <class Left, class Scalar>
void product(const Left* a, const Scalar* b, Scalar* out, Index rows, Index inner, Index cols) {
  if constexpr (std::same_as<Left, double> && std::same_as<Scalar, numerics::Interval>)
    if (inner >= kFewColumns) return numerics::product(a, b, out, rows, inner, cols);
  std::fill(out, out + rows * cols, Scalar(0.0));
  for (Index i = 0; i < rows; ++i)
    for (Index k = 0; k < inner; ++k)
      for (Index j = 0; j < cols; ++j)
        out[i * cols + j] += Scalar(a[i * inner + k]) * b[k * cols + j];
}
void product(const double* a, const double* b, double* out, Index rows, Index inner, Index cols);

/// A buffer that only grows; one per thread and place of use, so that hot loops allocate nothing.
template <class Scalar>
class Scratch {
 public:
  Scalar* get(Index size) {
    if (static_cast<Index>(values_.size()) < size) values_.resize(static_cast<std::size_t>(size));
    return values_.data();
  }
  Eigen::Map<Matrix> matrix(Index rows, Index cols) requires std::same_as<Scalar, double> {
    return {get(rows * cols), rows, cols};
  }

 private:
  std::vector<Scalar> values_;
};

}  // namespace nullcline::models::internal
