// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <numeric>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/topology/rollouts.hpp"

namespace nullcline::topology {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;

constexpr Index kRollouts = 128;  // at once; a request to stop is heard between two blocks

void check(const dynamics::System& map, const FixedPointSet& set, const GraphOptions& options) {
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("graph: found a flow, expected a map (time = discrete)");
  if (set.input.size() != map.n_inputs())
    throw InvalidInput(fmt::format("graph: the set's input has {} values, expected {}",
                                   set.input.size(), map.n_inputs()));
  for (const FixedPoint& point : set.points)
    if (point.state.size() != map.n_states())
      throw InvalidInput(fmt::format("graph: a fixed point has {} coordinates, expected {}",
                                     point.state.size(), map.n_states()));
  const auto require = [](bool ok, const char* name, double found, const char* expected) {
    if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
  };
  require(options.n_rollouts >= 1 && options.n_rollouts <= 1000000, "n_rollouts",
          options.n_rollouts, "1 to 1000000");
  require(options.perturbation > 0 && options.perturbation < 1, "perturbation",
          options.perturbation, "a share between 0 and 1");
  require(options.capture_radius > 0 && options.capture_radius <= 0.5, "capture_radius",
          options.capture_radius, "a share in (0, 0.5]");
  require(options.max_steps >= 1, "max_steps", options.max_steps, "at least 1");
}

// -1, 0 or +1 per output: raw readouts of saddles are not reproducible enough to sort by.
std::vector<int> quantized(const Vector& readout) {
  std::vector<int> q;
  for (const double y : readout) q.push_back(y < -0.5 ? -1 : (y > 0.5 ? 1 : 0));
  return q;
}

std::string label_of(const FixedPoint& point, std::size_t position) {
  if (point.readout.size() == 0) return fmt::format("#{}", position);
  std::string label;
  for (const int q : quantized(point.readout)) label += q < 0 ? '-' : (q > 0 ? '+' : '0');
  return label;
}

// Fixed points by quantized readout, number of unstable directions, raw readout.
std::vector<int> ordered_nodes(const FixedPointSet& set) {
  std::vector<int> nodes;
  for (std::size_t i = 0; i < set.points.size(); ++i)
    if (set.points[i].kind == Kind::fixed) nodes.push_back(static_cast<int>(i));
  const auto key = [&](int i) {
    const FixedPoint& point = set.points[static_cast<std::size_t>(i)];
    return std::tuple(quantized(point.readout), point.n_unstable,
                      std::vector<double>(point.readout.begin(), point.readout.end()));
  };
  std::stable_sort(nodes.begin(), nodes.end(), [&](int a, int b) { return key(a) < key(b); });
  return nodes;
}

// Distance of each node to its nearest neighbour; 1 for a point that is alone.
Vector nearest_distances(const FixedPointSet& set, const std::vector<int>& nodes) {
  const auto n = nodes.size();
  Vector nearest = Vector::Constant(static_cast<Index>(n), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (i != j)
        nearest(static_cast<Index>(i)) = std::min(
            nearest(static_cast<Index>(i)), (set.points[static_cast<std::size_t>(nodes[i])].state -
                                             set.points[static_cast<std::size_t>(nodes[j])].state)
                                                .norm());
  if (n == 1) nearest.setOnes();
  return nearest;
}

double median(Vector values) {
  std::sort(values.begin(), values.end());
  const Index n = values.size();
  return n == 0 ? 1.0 : 0.5 * (values((n - 1) / 2) + values(n / 2));
}

// Orthonormal basis (rows) of the span of the unstable right eigenvectors.
Matrix unstable_basis(const FixedPoint& point) {
  Matrix span(point.state.size(), 2 * point.n_unstable);
  Index column = 0;
  for (Index j = 0; j < point.eigenvalues.size(); ++j) {
    if (std::abs(point.eigenvalues(j)) <= 1 || column + 2 > span.cols()) continue;
    span.col(column++) = point.right_eigenvectors.col(j).real();
    span.col(column++) = point.right_eigenvectors.col(j).imag();
  }
  const numerics::Svd s = numerics::svd(span.leftCols(column));
  Index rank = 0;
  while (rank < s.s.size() && rank < point.n_unstable && s.s(rank) > 1e-8 * s.s(0)) ++rank;
  return s.u.leftCols(rank).transpose();
}

// Unit directions in which rollouts leave, one per row; none for a point without unstable
// directions that is probed along its unstable manifold.
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

// Tells how many points are done, from any thread, and remembers a request to stop.
class Reporter {
 public:
  Reporter(const Progress& progress, Index n_points)
      : progress_(progress), n_points_(static_cast<double>(n_points)) {}

  bool is_stopped() const { return stopped_; }
  void add(double share) {
    const std::lock_guard lock(mutex_);
    done_ += share;
    if (!report_progress(progress_, {std::min(done_, n_points_), n_points_, "rollouts"}))
      stopped_ = true;
  }

 private:
  const Progress& progress_;
  const double n_points_;
  std::mutex mutex_;
  double done_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

Graph build_graph(const dynamics::System& map, const FixedPointSet& set,
                  const GraphOptions& options, const Progress& progress) {
  check(map, set, options);
  Graph graph;
  graph.probe = options.probe;
  graph.point_index = ordered_nodes(set);
  graph.n_points = static_cast<Index>(graph.point_index.size());
  graph.transitions = Matrix::Zero(graph.n_points, graph.n_points + 1);
  graph.n_rollouts.assign(graph.point_index.size(), 0);
  const Vector nearest = nearest_distances(set, graph.point_index);
  graph.perturbation = options.perturbation * median(nearest);
  graph.capture_radius = options.capture_radius;
  const auto point_of = [&](std::size_t node) -> const FixedPoint& {
    return set.points[static_cast<std::size_t>(graph.point_index[node])];
  };
  for (std::size_t node = 0; node < graph.point_index.size(); ++node)
    graph.labels.push_back(
        label_of(point_of(node), static_cast<std::size_t>(graph.point_index[node])));

  // The node whose capture ball holds the state; n_points if none does.
  const auto captured_by = [&](const Vector& state) {
    Index best = graph.n_points;
    double best_distance = std::numeric_limits<double>::infinity();
    for (Index node = 0; node < graph.n_points; ++node) {
      const double distance = (state - point_of(static_cast<std::size_t>(node)).state).norm();
      if (distance < best_distance && distance <= options.capture_radius * nearest(node)) {
        best = node;
        best_distance = distance;
      }
    }
    return best;
  };

  std::vector<std::array<int, 3>> others(graph.point_index.size(), std::array<int, 3>{});
  Reporter reporter(progress, graph.n_points);
  parallel_for(graph.point_index.size(), [&](std::size_t node) {
    if (reporter.is_stopped()) return;
    const FixedPoint& point = point_of(node);
    const Matrix leave = directions(point, options, node);
    const Index row = static_cast<Index>(node);
    graph.n_rollouts[node] = static_cast<int>(leave.rows());
    if (leave.rows() == 0) {
      graph.transitions(row, row) = 1;
      reporter.add(1);
      return;
    }
    const auto n_rollouts = static_cast<double>(leave.rows());
    for (Index first = 0; first < leave.rows() && !reporter.is_stopped(); first += kRollouts) {
      const Index count = std::min(kRollouts, leave.rows() - first);
      const Matrix starts =
          (graph.perturbation * leave.middleRows(first, count)).rowwise() + point.state.transpose();
      for (const RolloutEnd& end : roll_out(map, set.input, starts, options.max_steps)) {
        const Index target = end.fate == Fate::settled ? captured_by(end.state) : graph.n_points;
        graph.transitions(row, target) += 1.0 / n_rollouts;
        if (target == graph.n_points)
          ++others[node][end.fate == Fate::cycle ? 0 : (end.fate == Fate::diverged ? 1 : 2)];
      }
      reporter.add(static_cast<double>(count) / n_rollouts);
    }
  });
  graph.termination = reporter.is_stopped() ? Termination::interrupted : Termination::converged;
  for (const auto& [cycles, diverged, undecided] : others) {
    graph.n_cycle += cycles;
    graph.n_diverged += diverged;
    graph.n_undecided += undecided;
  }
  return graph;
}

}  // namespace nullcline::topology
