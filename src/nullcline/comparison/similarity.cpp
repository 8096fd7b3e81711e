// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/comparison/similarity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/comparison/ranks.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/numerics/singular_values.hpp"

namespace nullcline::comparison {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void require_match(const Activity& x, const Activity& y) {
  if (x.n_samples() != y.n_samples())
    throw InvalidInput(fmt::format("activity: found {} samples and {}, expected as many on both",
                                   x.n_samples(), y.n_samples()));
}

void require_share(const char* name, double value) {
  if (!(value >= 0 && value <= 1))
    throw InvalidInput(fmt::format("{}: found {}, expected 0 to 1", name, value));
}

void require_few(const char* measure, const Activity& x) {
  if (x.n_samples() > kMostPairedSamples)
    throw InvalidInput(
        fmt::format("{}: found {} samples, expected at most {}, as it compares all pairs", measure,
                    x.n_samples(), kMostPairedSamples));
}

// U_x^T U_y of the leading directions.
Matrix cross(const Activity& x, const Activity& y, Index n_x, Index n_y) {
  Matrix out(n_x, n_y);
  numerics::multiply_transposed(x.basis.topRows(n_x), y.basis.topRows(n_y), out);
  return out;
}
Matrix cross(const Activity& x, const Activity& y) { return cross(x, y, x.rank(), y.rank()); }

CanonicalCorrelations correlations(const Activity& x, const Activity& y, Index n_x, Index n_y) {
  CanonicalCorrelations result{n_x, n_y, Vector(0), 0};
  if (n_x == 0 || n_y == 0) return result;
  result.rho = numerics::singular_values(cross(x, y, n_x, n_y)).cwiseMin(1.0);
  result.mean = result.rho.mean();
  return result;
}

double sum_of_products(const Matrix& a, const Matrix& b) { return a.cwiseProduct(b).sum(); }

// HSIC_1 of two Gram matrices of centered samples, from |X^T Y|_F^2 and the diagonals: with the
// diagonals taken out, rows of K sum to -k_ii.
double unbiased_hsic(double products, const Vector& k, const Vector& l) {
  const auto m = static_cast<double>(k.size());
  const double diagonal = k.dot(l);
  const double traces = k.sum() * l.sum();
  return (products - diagonal + traces / ((m - 1) * (m - 2)) - 2 / (m - 2) * diagonal) /
         (m * (m - 3));
}

Matrix squared_distances(const Matrix& x) {
  const Matrix centered = x.rowwise() - x.colwise().mean();
  Matrix gram(x.rows(), x.rows());
  numerics::multiply_transposed(centered, centered, gram);
  const Vector diagonal = gram.diagonal();
  gram *= -2;
  gram.colwise() += diagonal;
  gram.rowwise() += diagonal.transpose();
  gram.diagonal().setZero();
  return gram.cwiseMax(0.0);
}

double median(Vector values) {
  const Index middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  if (values.size() % 2 == 1) return values(middle);
  return (values(middle) + *std::max_element(values.begin(), values.begin() + middle)) / 2;
}

// exp(-d^2 / (2 f^2 median)), rows and columns centered; empty where all samples are the same.
Matrix centered_rbf_kernel(const Matrix& samples, double bandwidth) {
  Matrix kernel = squared_distances(samples);
  const double scale = 2 * bandwidth * bandwidth * median(upper_triangle(kernel));
  if (!(scale > 0)) return {};
  kernel = (kernel / -scale).array().exp();
  const Vector means = kernel.rowwise().mean();
  const double mean = means.mean();
  kernel.colwise() -= means;
  kernel.rowwise() -= means.transpose();
  kernel.array() += mean;
  return kernel;
}

double pearson(const Vector& a, const Vector& b) {
  const Vector x = a.array() - a.mean(), y = b.array() - b.mean();
  const double norms = x.norm() * y.norm();
  return norms > 0 ? std::clamp(x.dot(y) / norms, -1.0, 1.0) : kNaN;
}

// Upper triangle of 1 - Pearson between the rows.
Vector dissimilarities(const Matrix& samples) {
  Matrix rows = samples.colwise() - samples.rowwise().mean();
  for (Index i = 0; i < rows.rows(); ++i) {
    const double norm = rows.row(i).norm();
    if (norm > 0) rows.row(i) /= norm;
  }
  Matrix correlation(rows.rows(), rows.rows());
  numerics::multiply_transposed(rows, rows, correlation);
  return 1 - upper_triangle(correlation).array();
}

// The singular values of a cloud, whitened in part. netrep counts the directions without variance
// of `n_units` units, padding included, in the variance that it preserves.
Vector whitened(const Activity& x, double alpha, bool normalize, Index n_units) {
  constexpr double kClip = 1e-7;
  constexpr double kRelativeClip = 1e-10;
  Vector s = x.s;
  if (normalize) s *= std::sqrt(static_cast<double>(x.n_samples())) / x.norm();
  if (alpha > 1 - kClip) return s;
  const double least = normalize ? kRelativeClip * s(0) * s(0) : kClip;
  Vector lambda = Vector::Constant(normalize ? x.rank() : n_units, least);
  lambda.head(x.rank()) = s.cwiseProduct(s).cwiseMax(least);
  const auto roots = lambda.array().sqrt();
  const double variance =
      (alpha * alpha * lambda.array() + 2 * alpha * (1 - alpha) * roots + (1 - alpha) * (1 - alpha))
          .sum();
  const double scale = std::sqrt(lambda.sum() / variance);
  return (scale * (alpha + (1 - alpha) / roots.head(x.rank())) * s.array()).matrix();
}

// |X Q_x - Y Q_y|_F for the best Q, as a sum over samples: no digits are lost where it is small.
double residual(const Activity& x, const Activity& y, const Vector& s_x, const Vector& s_y) {
  const Index width = std::max(x.rank(), y.rank());
  Matrix core = Matrix::Zero(width, width);
  core.topLeftCorner(x.rank(), y.rank()) = s_x.asDiagonal() * cross(x, y) * s_y.asDiagonal();
  const numerics::Svd svd = numerics::svd(core);
  const Matrix left = x.basis.transpose() * s_x.asDiagonal() * svd.u.topRows(x.rank());
  const Matrix right =
      y.basis.transpose() * s_y.asDiagonal() * svd.v_transposed.leftCols(y.rank()).transpose();
  return (left - right).norm();
}

}  // namespace

CanonicalCorrelations svcca(const Activity& x, const Activity& y, double threshold) {
  require_match(x, y);
  require_share("threshold", threshold);
  return correlations(x, y, x.n_directions(threshold), y.n_directions(threshold));
}

CanonicalCorrelations cca(const Activity& x, const Activity& y) {
  require_match(x, y);
  return correlations(x, y, x.rank(), y.rank());
}

double pwcca(const Activity& x, const Activity& y) {
  require_match(x, y);
  if (x.rank() == 0 || y.rank() == 0) return 0;
  const numerics::Svd svd = numerics::svd(cross(x, y));
  // <h_i, x_j> with h = U_x Q and X = U_x S V^T:  Q^T S V^T.
  const Matrix projections = svd.u.transpose() * x.s.asDiagonal() * x.v.transpose();
  const Vector weights = projections.cwiseAbs().rowwise().sum();
  return weights.dot(svd.s.cwiseMin(1.0)) / weights.sum();
}

double linear_cka(const Activity& x, const Activity& y) {
  require_match(x, y);
  if (x.rank() == 0 || y.rank() == 0) return kNaN;
  const Matrix products = x.s.asDiagonal() * cross(x, y) * y.s.asDiagonal();
  return products.squaredNorm() / (x.s.cwiseAbs2().norm() * y.s.cwiseAbs2().norm());
}

double unbiased_cka(const Activity& x, const Activity& y) {
  require_match(x, y);
  if (x.n_samples() < 4 || x.rank() == 0 || y.rank() == 0) return kNaN;
  const Matrix products = x.s.asDiagonal() * cross(x, y) * y.s.asDiagonal();
  const double xy = unbiased_hsic(products.squaredNorm(), x.energies, y.energies);
  const double xx = unbiased_hsic(x.s.cwiseAbs2().squaredNorm(), x.energies, x.energies);
  const double yy = unbiased_hsic(y.s.cwiseAbs2().squaredNorm(), y.energies, y.energies);
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : kNaN;
}

double rbf_cka(const Activity& x, const Activity& y, double bandwidth) {
  require_match(x, y);
  require_few("rbf_cka", x);
  if (!(bandwidth > 0) || !std::isfinite(bandwidth))
    throw InvalidInput(fmt::format("bandwidth: found {}, expected above 0", bandwidth));
  const Matrix k = centered_rbf_kernel(x.samples, bandwidth);
  const Matrix l = centered_rbf_kernel(y.samples, bandwidth);
  if (k.size() == 0 || l.size() == 0) return kNaN;
  return sum_of_products(k, l) / (k.norm() * l.norm());
}

Procrustes shape_distance(const Activity& x, const Activity& y, double alpha, bool normalize) {
  constexpr double kNear = 1e-3;
  require_match(x, y);
  require_share("alpha", alpha);
  if (x.rank() == 0 || y.rank() == 0) return {kNaN, kNaN, kNaN};
  const Index n_units = std::max(x.n_units(), y.n_units());
  const Vector s_x = whitened(x, alpha, normalize, n_units);
  const Vector s_y = whitened(y, alpha, normalize, n_units);
  const Matrix core = s_x.asDiagonal() * cross(x, y) * s_y.asDiagonal();
  Procrustes result;
  result.nuclear = numerics::singular_values(core).sum();
  const double squares = s_x.squaredNorm() + s_y.squaredNorm();
  const double cosine = result.nuclear / (s_x.norm() * s_y.norm());
  const double difference = squares - 2 * result.nuclear;
  result.size_and_shape =
      difference > kNear * squares ? std::sqrt(difference) : residual(x, y, s_x, s_y);
  result.angular = 1 - cosine > kNear
                       ? std::acos(std::max(cosine, -1.0))
                       : 2 * std::asin(residual(x, y, s_x.normalized(), s_y.normalized()) / 2);
  return result;
}

double rsa(const Activity& x, const Activity& y, Correlation correlation) {
  require_match(x, y);
  require_few("rsa", x);
  if (x.n_samples() < 3) return kNaN;
  Vector a = dissimilarities(x.samples), b = dissimilarities(y.samples);
  if (correlation == Correlation::spearman) {
    a = ranks(a);
    b = ranks(b);
  }
  return pearson(a, b);
}

}  // namespace nullcline::comparison
