// SPDX-License-Identifier: BSD-3-Clause
// The vocabulary of arrays. Batches are rows: a (n_trials, n_units) matrix holds one state a row.
#pragma once

#include <Eigen/Core>
#include <complex>

namespace nullcline {

using Index = Eigen::Index;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using ComplexMatrix =
    Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ComplexVector = Eigen::VectorXcd;

// Rows are contiguous; the distance between rows is free.
using MatrixRef = Eigen::Ref<Matrix>;
using ConstMatrixRef = const Eigen::Ref<const Matrix>&;
using VectorRef = Eigen::Ref<Vector>;
using ConstVectorRef = const Eigen::Ref<const Vector>&;

}  // namespace nullcline
