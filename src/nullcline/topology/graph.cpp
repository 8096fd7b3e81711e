// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/graph.hpp"

#include "nullcline/topology/check_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/invariant_circle.hpp"
#include "nullcline/topology/flow_map.hpp"
#include "nullcline/topology/rollouts.hpp"

namespace nullcline::topology {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;
using orbits::Orbit;
using orbits::OrbitSet;

constexpr int kFlowSteps = 2000;  // of a flow: what has not settled then is on a cycle, or slow
constexpr Index kRollouts = 128;  // at once; a request to stop is heard between two blocks

void check(const dynamics::System& map, const FixedPointSet& set, const OrbitSet& orbit_set,
           const GraphOptions& options) {
  if (set.input.size() != map.n_inputs())
    throw InvalidInput(fmt::format("graph: the set's input has {} values, expected {}",
                                   set.input.size(), map.n_inputs()));
  for (const FixedPoint& point : set.points)
    if (point.state.size() != map.n_states())
      throw InvalidInput(fmt::format("graph: a fixed point has {} coordinates, expected {}",
                                     point.state.size(), map.n_states()));
  for (const Orbit& orbit : orbit_set.orbits)
    if (orbit.points.cols() != map.n_states() || orbit.points.rows() == 0)
      throw InvalidInput(fmt::format("graph: an orbit has {} states of {} coordinates, expected {}",
                                     orbit.points.rows(), orbit.points.cols(), map.n_states()));
  check_options(options);
}

// -1, 0 or +1 per output: raw readouts of saddles are not reproducible enough to sort by.
std::vector<int> quantized(const Vector& readout) {
  std::vector<int> q;
  for (const double y : readout) q.push_back(y < -0.5 ? -1 : (y > 0.5 ? 1 : 0));
  return q;
}

std::string sign_label(const Vector& readout) {
  std::string label;
  for (const int q : quantized(readout)) label += q < 0 ? '-' : (q > 0 ? '+' : '0');
  return label;
}

std::string label_of(const FixedPoint& point, std::size_t position) {
  return point.readout.size() == 0 ? fmt::format("#{}", position) : sign_label(point.readout);
}

// The readouts that the orbit goes through: "+-+", "+-+/+--", or the first ones of many.
std::string label_of(const Orbit& orbit, std::size_t position) {
  constexpr std::size_t kMostListed = 2;
  std::vector<std::string> labels;
  for (Index i = 0; i < orbit.readouts.rows(); ++i) {
    const std::string label = sign_label(orbit.readouts.row(i).transpose());
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  }
  if (labels.empty()) return fmt::format("orbit {}", position);
  std::string text = labels[0];
  for (std::size_t i = 1; i < std::min(labels.size(), kMostListed); ++i) text += "/" + labels[i];
  return labels.size() > kMostListed ? text + "/..." : text;
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

/// What the graph needs to know of a point or an orbit.
struct Node {
  Matrix states;       // one, or those of the orbit
  FixedPoint leaving;  // where rollouts start, with the unstable directions there
  bool is_periodic = false;
  bool is_wandering = false;  // an orbit to which no rollout comes back exactly
};

Node node_of(const FixedPoint& point) { return {point.state.transpose(), point, false, false}; }

// An unstable periodic orbit is left at its first state, along the unstable directions of F^k.
Node node_of(const dynamics::System& map, ConstVectorRef input, const Orbit& orbit) {
  constexpr Index kSamples = 400;  // of a circle
  Node node;
  node.states = orbit.points;
  node.is_periodic = orbit.kind == orbits::Kind::periodic;
  node.is_wandering = !node.is_periodic;
  node.leaving.state = orbit.points.row(0).transpose();
  if (orbit.kind == orbits::Kind::invariant_circle) {
    const Index n = orbit.points.rows() / orbit.period;
    node.states.resize(orbit.period * kSamples, orbit.points.cols());
    for (Index c = 0; c < orbit.period; ++c)
      node.states.middleRows(c * kSamples, kSamples) = orbits::interpolate_circle(
          orbit.points.middleRows(c * n, n), Vector::LinSpaced(kSamples, 0, 1));
  }
  if (!node.is_periodic || orbit.n_unstable == 0) return node;
  Matrix product = Matrix::Identity(map.n_states(), map.n_states());
  for (Index i = 0; i < orbit.points.rows(); ++i)
    product = Matrix(jacobian_at(map, orbit.points.row(i).transpose(), input) * product);
  const numerics::Eigensystem modes = numerics::eigensystem(product);
  node.leaving.n_unstable = static_cast<int>((modes.values.cwiseAbs().array() > 1).count());
  node.leaving.eigenvalues = modes.values;
  node.leaving.right_eigenvectors = modes.right;
  return node;
}

// No columns where some node has no readout.
Matrix readouts_of(const Graph& graph, const FixedPointSet& set, const OrbitSet& orbit_set) {
  std::vector<Vector> rows;
  for (const int i : graph.point_index)
    rows.push_back(set.points[static_cast<std::size_t>(i)].readout);
  for (const int i : graph.orbit_index) {
    const Matrix& along = orbit_set.orbits[static_cast<std::size_t>(i)].readouts;
    rows.push_back(along.rows() > 0 ? Vector(along.colwise().mean()) : Vector(0));
  }
  const Index n_outputs = rows.empty() ? 0 : rows[0].size();
  for (const Vector& row : rows)
    if (row.size() != n_outputs) return Matrix(static_cast<Index>(rows.size()), 0);
  Matrix result(static_cast<Index>(rows.size()), n_outputs);
  for (std::size_t i = 0; i < rows.size(); ++i) result.row(static_cast<Index>(i)) = rows[i];
  return result;
}

double distance_to(const Matrix& states, const Vector& state) {
  return (states.rowwise() - state.transpose()).rowwise().norm().minCoeff();
}

// Distance of each node to its nearest neighbor; 1 for one that is alone.
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

double median(Vector values) {
  std::sort(values.begin(), values.end());
  const Index n = values.size();
  return n == 0 ? 1.0 : 0.5 * (values((n - 1) / 2) + values(n / 2));
}

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

class Builder {
 public:
  Builder(const dynamics::System& map, const FixedPointSet& set, const OrbitSet& orbit_set,
          const GraphOptions& options, const Progress& progress)
      : map_(map), input_(set.input), options_(options) {
    graph_.probe = options.probe;
    graph_.point_index = ordered_nodes(set);
    for (const int i : graph_.point_index) {
      const FixedPoint& point = set.points[static_cast<std::size_t>(i)];
      nodes_.push_back(node_of(point));
      graph_.labels.push_back(label_of(point, static_cast<std::size_t>(i)));
    }
    for (std::size_t i = 0; i < orbit_set.orbits.size(); ++i) {
      const Orbit& orbit = orbit_set.orbits[i];
      if (orbit.kind == orbits::Kind::undecided) continue;
      graph_.orbit_index.push_back(static_cast<int>(i));
      nodes_.push_back(node_of(map, set.input, orbit));
      graph_.labels.push_back(label_of(orbit, i));
    }
    graph_.n_points = static_cast<Index>(graph_.point_index.size());
    graph_.n_orbits = static_cast<Index>(graph_.orbit_index.size());
    const Index n = graph_.n_nodes();
    graph_.readouts = readouts_of(graph_, set, orbit_set);
    for (const Node& node : nodes_) graph_.n_unstable.push_back(node.leaving.n_unstable);
    graph_.transitions = Matrix::Zero(n, n + 1);
    graph_.n_rollouts.assign(nodes_.size(), 0);
    others_.assign(nodes_.size(), {});
    nearest_ = nearest_distances(nodes_);
    graph_.perturbation = options.perturbation * median(nearest_);
    graph_.capture_radius = options.capture_radius;
    has_wandering_ = std::any_of(nodes_.begin(), nodes_.end(),
                                 [](const Node& node) { return node.is_wandering; });
    reporter_.emplace(progress, n);
  }

  Graph build() {
    parallel_for(nodes_.size(), [&](std::size_t node) {
      if (!reporter_->is_stopped()) follow(node);
    });
    graph_.termination =
        reporter_->is_stopped() ? Termination::interrupted : Termination::converged;
    for (const auto& [cycles, diverged, undecided] : others_) {
      graph_.n_cycle += cycles;
      graph_.n_diverged += diverged;
      graph_.n_undecided += undecided;
    }
    return std::move(graph_);
  }

 private:
  void follow(std::size_t node) {
    const FixedPoint& leaving = nodes_[node].leaving;
    const Matrix leave = directions(leaving, options_, node);
    const Index row = static_cast<Index>(node);
    graph_.n_rollouts[node] = static_cast<int>(leave.rows());
    if (leave.rows() == 0) {
      graph_.transitions(row, row) = 1;
      reporter_->add(1);
      return;
    }
    const auto n_rollouts = static_cast<double>(leave.rows());
    for (Index first = 0; first < leave.rows() && !reporter_->is_stopped(); first += kRollouts) {
      const Index count = std::min(kRollouts, leave.rows() - first);
      const Matrix starts = (graph_.perturbation * leave.middleRows(first, count)).rowwise() +
                            leaving.state.transpose();
      for (const auto& [target, fate] : ends_of(starts)) {
        graph_.transitions(row, target) += 1.0 / n_rollouts;
        if (target == graph_.n_nodes())
          ++others_[node][fate == Fate::cycle ? 0 : (fate == Fate::diverged ? 1 : 2)];
      }
      reporter_->add(static_cast<double>(count) / n_rollouts);
    }
  }

  // The node at which each rollout ends (n_nodes: other), and how it ended.
  std::vector<std::pair<Index, Fate>> ends_of(const Matrix& starts) const {
    constexpr int kFirstSteps = 2000;  // before rollouts are compared with orbits that never close
    const int first_steps =
        has_wandering_ ? std::min(kFirstSteps, options_.max_steps) : options_.max_steps;
    std::vector<std::pair<Index, Fate>> ends;
    for (const RolloutEnd& end : roll_out(map_, input_, starts, first_steps)) {
      ends.emplace_back(target_of(end), end.fate);
      const int left = options_.max_steps - first_steps;
      if (end.fate != Fate::undecided || ends.back().first < graph_.n_nodes() || left == 0)
        continue;
      const RolloutEnd later = roll_out(map_, input_, Matrix(end.state.transpose()), left).front();
      ends.back() = {target_of(later), later.fate};
    }
    return ends;
  }

  Index target_of(const RolloutEnd& end) const {
    switch (end.fate) {
      case Fate::settled:
        return captured_by(
            end.state, [](const Node& node) { return !node.is_periodic && !node.is_wandering; });
      case Fate::cycle:
        return captured_by(end.state, [&end](const Node& node) {
          return node.is_periodic && end.period % node.states.rows() == 0;
        });
      case Fate::undecided:
        return wanders_on(end.state);
      case Fate::diverged:
        break;
    }
    return graph_.n_nodes();
  }

  // The nearest such node whose capture ball holds the state; n_nodes if none does.
  Index captured_by(const Vector& state, auto&& is_candidate) const {
    Index best = graph_.n_nodes();
    double best_distance = std::numeric_limits<double>::infinity();
    for (Index node = 0; node < graph_.n_nodes(); ++node) {
      if (!is_candidate(nodes_[static_cast<std::size_t>(node)])) continue;
      const double distance = distance_to(nodes_[static_cast<std::size_t>(node)].states, state);
      if (distance < best_distance && distance <= options_.capture_radius * nearest_(node)) {
        best = node;
        best_distance = distance;
      }
    }
    return best;
  }

  // The orbit that never closes near which the rollout stays for most of some further steps.
  Index wanders_on(const Vector& state) const {
    constexpr int kSteps = 33;
    if (!has_wandering_) return graph_.n_nodes();
    std::vector<int> counts(nodes_.size() + 1, 0);
    Vector current = state;
    for (int step = 0; step < kSteps; ++step) {
      ++counts[static_cast<std::size_t>(
          captured_by(current, [](const Node& node) { return node.is_wandering; }))];
      current = evaluate_at(map_, current, input_);
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return *most > kSteps / 2 ? most - counts.begin() : graph_.n_nodes();
  }

  const dynamics::System& map_;
  const Vector& input_;
  const GraphOptions& options_;
  Graph graph_;
  std::vector<Node> nodes_;
  Vector nearest_;
  std::vector<std::array<int, 3>> others_;  // cycles, diverged, undecided
  bool has_wandering_ = false;
  std::optional<Reporter> reporter_;
};

// Of the flow at its fixed points; 1 if there are none.
double fastest_rate(const FixedPointSet& set) {
  double rate = 0;
  for (const FixedPoint& point : set.points)
    if (point.eigenvalues.size() > 0)
      rate = std::max(rate, point.eigenvalues.cwiseAbs().maxCoeff());
  return rate > 0 && std::isfinite(rate) ? rate : 1;
}

// Eigenvalues of the flow as multipliers of its map over some time.
FixedPointSet with_multipliers(FixedPointSet set, double duration) {
  for (FixedPoint& point : set.points)
    point.eigenvalues = (duration * point.eigenvalues).array().exp().matrix();
  return set;
}

}  // namespace

void check_options(const GraphOptions& options) {
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

Graph build_graph(const dynamics::System& system, const FixedPointSet& set,
                  const OrbitSet& orbit_set, const GraphOptions& options,
                  const Progress& progress) {
  check(system, set, orbit_set, options);
  if (system.time() == dynamics::Time::discrete)
    return Builder(system, set, orbit_set, options, progress).build();
  if (!orbit_set.orbits.empty())
    throw InvalidInput("graph: found orbits of a map beside a flow, expected fixed points alone");
  const FlowMap map(system, 1 / fastest_rate(set));
  GraphOptions limited = options;
  limited.max_steps = std::min(options.max_steps, kFlowSteps);
  return Builder(map, with_multipliers(set, map.duration()), orbit_set, limited, progress).build();
}

Graph build_graph(const dynamics::System& system, const FixedPointSet& set,
                  const GraphOptions& options, const Progress& progress) {
  return build_graph(system, set, OrbitSet{}, options, progress);
}

}  // namespace nullcline::topology
