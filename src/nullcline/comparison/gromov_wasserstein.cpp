// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nullcline/comparison/graph_distance.hpp"
#include "nullcline/comparison/transport.hpp"
#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"

namespace nullcline::comparison {

namespace {

void check(const FeatureGraph& graph) {
  if (graph.edges.rows() < 1 || graph.edges.cols() != graph.edges.rows() ||
      graph.features.rows() != graph.edges.rows())
    throw InvalidInput(fmt::format(
        "graph: found {} x {} edges and features of {} nodes, expected a square matrix of at least "
        "one node, and features of each",
        graph.edges.rows(), graph.edges.cols(), graph.features.rows()));
  if (!graph.edges.allFinite() || !graph.features.allFinite())
    throw InvalidInput("graph: found a value that is not finite");
}

Vector masses(Index n) { return Vector::Constant(n, 1 / static_cast<double>(n)); }

// Squared distances of the features, the narrower ones filled up with zeros.
Matrix feature_cost(const Matrix& a, const Matrix& b) {
  const Index width = std::max(a.cols(), b.cols());
  Matrix x = Matrix::Zero(a.rows(), width), y = Matrix::Zero(b.rows(), width);
  x.leftCols(a.cols()) = a;
  y.leftCols(b.cols()) = b;
  Matrix cost(a.rows(), b.rows());
  for (Index i = 0; i < a.rows(); ++i)
    cost.row(i) = (y.rowwise() - x.row(i)).rowwise().squaredNorm().transpose();
  return cost;
}

// With masses p and q fixed, sum_kl (C_ik - C'_jl)^2 pi_kl = c_ij - 2 (C pi C'^T)_ij, where
// c_ij = sum_k C_ik^2 p_k + sum_l C'_jl^2 q_l.
class Problem {
 public:
  Problem(const FeatureGraph& a, const FeatureGraph& b, double alpha)
      : features_((1 - alpha) * feature_cost(a.features, b.features)),
        a_(a.edges),
        b_(b.edges),
        alpha_(alpha),
        p_(masses(a.edges.rows())),
        q_(masses(b.edges.rows())) {
    constant_ = Matrix::Zero(p_.size(), q_.size());
    constant_.colwise() += a_.cwiseAbs2() * p_ + a_.cwiseAbs2().transpose() * p_;
    constant_.rowwise() += (b_.cwiseAbs2() * q_ + b_.cwiseAbs2().transpose() * q_).transpose();
  }

  const Vector& p() const { return p_; }
  const Vector& q() const { return q_; }
  const Matrix& features() const { return features_; }

  Matrix gradient(const Matrix& pi) const {
    return features_ +
           alpha_ * (constant_ - 2 * (a_ * pi * b_.transpose() + a_.transpose() * pi * b_));
  }
  double cost(const Matrix& pi) const {
    return ((features_ + gradient(pi)) / 2).cwiseProduct(pi).sum();
  }
  // Second order term of the cost along a direction with marginals 0.
  double curvature(const Matrix& direction) const {
    return -2 * alpha_ * (a_ * direction * b_.transpose()).cwiseProduct(direction).sum();
  }

 private:
  Matrix features_, constant_, a_, b_;
  double alpha_;
  Vector p_, q_;
};

Matrix descend(const Problem& problem, Matrix pi, int max_iterations) {
  constexpr double kLeast = 1e-15;  // decrease that goes on
  for (int i = 0; i < max_iterations; ++i) {
    const Matrix gradient = problem.gradient(pi);
    const Matrix direction = optimal_transport(gradient, problem.p(), problem.q()) - pi;
    const double slope = gradient.cwiseProduct(direction).sum();
    const double curvature = problem.curvature(direction);
    double step = 1;
    if (curvature > 0) step = std::clamp(-slope / (2 * curvature), 0.0, 1.0);
    const double change = step * slope + step * step * curvature;
    if (!(change < -kLeast)) break;
    pi += step * direction;
  }
  return pi;
}

Matrix start(const Problem& problem, int number, std::uint64_t seed) {
  if (number == 0) return optimal_transport(problem.features(), problem.p(), problem.q());
  if (number == 1) return problem.p() * problem.q().transpose();
  Rng rng(seed, Purpose::perturbations, static_cast<std::uint64_t>(number));
  Matrix cost(problem.p().size(), problem.q().size());
  for (double& value : cost.reshaped<Eigen::RowMajor>()) value = rng.uniform();
  // Every other start keeps to the features where they tell nodes apart.
  if (number % 2 == 0) {
    const double largest = problem.features().maxCoeff();
    cost = largest > 0 ? Matrix(problem.features() / largest + 1e-3 * cost) : cost;
  }
  return optimal_transport(cost, problem.p(), problem.q());
}

}  // namespace

FusedDistance fused_gromov_wasserstein(const FeatureGraph& a, const FeatureGraph& b,
                                       const FusedOptions& options) {
  check(a);
  check(b);
  const auto require = [](bool ok, const char* name, double found, const char* expected) {
    if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  require(options.alpha >= 0 && options.alpha <= 1, "alpha", options.alpha, "0 to 1");
  require(options.n_starts >= 1 && options.n_starts <= 1000000, "n_starts", options.n_starts,
          "1 to 1000000");
  require(options.max_iterations >= 1, "max_iterations", options.max_iterations, "at least 1");
  const Problem problem(a, b, options.alpha);
  FusedDistance best;
  best.cost = std::numeric_limits<double>::infinity();
  double worst = 0;
  for (int k = 0; k < options.n_starts; ++k) {
    const Matrix coupling =
        descend(problem, start(problem, k, options.seed), options.max_iterations);
    const double cost = std::max(problem.cost(coupling), 0.0);
    worst = std::max(worst, cost);
    if (cost >= best.cost) continue;
    best.cost = cost;
    best.coupling = coupling;
  }
  best.spread = worst - best.cost;
  return best;
}

}  // namespace nullcline::comparison
