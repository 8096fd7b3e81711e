// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/internal/nodes.hpp"

#include <algorithm>
#include <limits>

#include "nullcline/core/rng.hpp"
#include "nullcline/cycles/collocation.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/invariant_circle.hpp"

namespace nullcline::topology::internal {

namespace {

using fixed_points::FixedPoint;

constexpr Index kSamples = 400;  // of a circle or a cycle

// Orthonormal basis (rows) of the span of the unstable right eigenvectors.
Matrix unstable_basis(const FixedPoint& point) {
  Matrix span(point.state.size(), 2 * point.n_unstable);
  Index column = 0;
  for (Index j = 0; j < point.right_eigenvectors.cols(); ++j) {
    if (std::abs(point.eigenvalues(j)) <= 1 || column + 2 > span.cols()) continue;
    span.col(column++) = point.right_eigenvectors.col(j).real();
    span.col(column++) = point.right_eigenvectors.col(j).imag();
  }
  const numerics::Svd s = numerics::svd(span.leftCols(column));
  Index rank = 0;
  while (rank < s.s.size() && rank < point.n_unstable && s.s(rank) > 1e-8 * s.s(0)) ++rank;
  return s.u.leftCols(rank).transpose();
}

}  // namespace

Node node_of(const FixedPoint& point) {
  Node node;
  node.states = point.state.transpose();
  node.leaving = point;
  return node;
}

Node node_of(const dynamics::System& map, ConstVectorRef input, const orbits::Orbit& orbit) {
  Node node;
  node.states = orbit.points;
  node.kind = orbit.kind == orbits::Kind::periodic ? NodeKind::periodic : NodeKind::wandering;
  node.leaving.state = orbit.points.row(0).transpose();
  if (orbit.kind == orbits::Kind::invariant_circle) {
    const Index n = orbit.points.rows() / orbit.period;
    node.states.resize(orbit.period * kSamples, orbit.points.cols());
    for (Index c = 0; c < orbit.period; ++c)
      node.states.middleRows(c * kSamples, kSamples) = orbits::interpolate_circle(
          orbit.points.middleRows(c * n, n), Vector::LinSpaced(kSamples, 0, 1));
  }
  if (node.kind == NodeKind::wandering || orbit.n_unstable == 0) return node;
  Matrix product = Matrix::Identity(map.n_states(), map.n_states());
  for (Index i = 0; i < orbit.points.rows(); ++i)
    product = Matrix(jacobian_at(map, orbit.points.row(i).transpose(), input) * product);
  const numerics::Eigensystem modes = numerics::eigensystem(product);
  node.leaving.n_unstable = static_cast<int>((modes.values.cwiseAbs().array() > 1).count());
  node.leaving.eigenvalues = modes.values;
  node.leaving.right_eigenvectors = modes.right;
  return node;
}

Node node_of(const dynamics::System& flow, ConstVectorRef input, const cycles::Cycle& cycle) {
  const cycles::Profile profile = profile_of(cycle);
  Node node;
  node.kind = NodeKind::wandering;
  node.is_target = cycle.is_stable;
  node.states.resize(kSamples, flow.n_states());
  for (Index i = 0; i < kSamples; ++i)
    node.states.row(i) = profile.at(static_cast<double>(i) / kSamples).transpose();
  node.leaving.state = node.states.row(0).transpose();
  node.leaving.n_unstable = cycle.n_unstable;
  if (cycle.n_unstable == 0) return node;
  const Matrix monodromy = cycles::Linearization(flow, input, profile, {}).monodromy().matrix;
  numerics::Eigensystem modes = numerics::eigensystem(monodromy);
  // The multiplier of the cycle's own direction is 1, but for errors that may put it beyond.
  Index trivial = 0;
  (modes.values.array() - 1).abs().minCoeff(&trivial);
  modes.values(trivial) = 0;
  node.leaving.eigenvalues = modes.values;
  node.leaving.right_eigenvectors = modes.right;
  return node;
}

double distance_to(const Matrix& states, const Vector& state) {
  return (states.rowwise() - state.transpose()).rowwise().norm().minCoeff();
}

Vector nearest_distances(const std::vector<Node>& nodes) {
  const auto n = nodes.size();
  Vector nearest = Vector::Constant(static_cast<Index>(n), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (i != j)
        for (Index k = 0; k < nodes[i].states.rows(); ++k)
          nearest(static_cast<Index>(i)) =
              std::min(nearest(static_cast<Index>(i)),
                       distance_to(nodes[j].states, nodes[i].states.row(k).transpose()));
  if (n == 1) nearest.setOnes();
  return nearest;
}

Matrix directions(const FixedPoint& point, const GraphOptions& options, std::uint64_t node) {
  Rng rng(options.seed, Purpose::perturbations, node);
  const auto random_directions = [&](Index rows, Index cols) {
    Matrix d(rows, cols);
    for (double& x : d.reshaped<Eigen::RowMajor>()) x = rng.normal();
    d.rowwise().normalize();
    return d;
  };
  if (options.probe == Probe::perturbation)
    return random_directions(options.n_rollouts, point.state.size());
  if (point.n_unstable == 0) return Matrix(0, point.state.size());
  const Matrix basis = unstable_basis(point);
  if (basis.rows() == 1) {
    Matrix both(2, basis.cols());
    both << basis, -basis;
    return both;
  }
  return random_directions(options.n_rollouts, basis.rows()) * basis;
}

}  // namespace nullcline::topology::internal
