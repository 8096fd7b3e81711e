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
#include "nullcline/cycles/collocation.hpp"
#include "nullcline/topology/flow_map.hpp"
#include "nullcline/topology/internal/flow_cycles.hpp"
#include "nullcline/topology/internal/nodes.hpp"
#include "nullcline/topology/rollouts.hpp"

namespace nullcline::topology {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;
using internal::directions;
using internal::distance_to;
using internal::Node;
using internal::node_of;
using internal::NodeKind;
using orbits::Orbit;
using orbits::OrbitSet;

// Of a flow of few and of many states: what has not settled then is slow, or wanders.
constexpr int kFlowSteps = 10000, kLargeFlowSteps = 2000;
constexpr Index kFewStates = 16;
// Before rollouts are compared with what never closes: orbits of a map, cycles of a flow.
constexpr int kFirstSteps = 2000, kFirstFlowSteps = 200;
constexpr int kScouts = 4;            // rollouts of each node that look for cycles of a flow first
constexpr std::size_t kEndsKept = 2;  // of each node: where undecided rollouts were
constexpr int kMostRounds = 8;        // of looking for cycles there
constexpr Index kCycleSamples = 100;  // states of a cycle in the graph
constexpr Index kRollouts = 128;      // at once; a request to stop is heard between two blocks

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

CycleNode plain(const cycles::Cycle& cycle) {
  const cycles::Profile profile = profile_of(cycle);
  CycleNode node{cycle.period, cycle.is_stable, cycle.minimum, cycle.maximum,
                 Matrix(kCycleSamples, cycle.states.cols())};
  for (Index i = 0; i < kCycleSamples; ++i)
    node.states.row(i) = profile.at(static_cast<double>(i) / kCycleSamples).transpose();
  return node;
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

// No columns where some node has no readout.
Matrix readouts_of(const Graph& graph, const FixedPointSet& set, const OrbitSet& orbit_set) {
  if (!graph.cycles.empty()) return Matrix(graph.n_nodes(), 0);  // a cycle's is not known
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

double median(Vector values) {
  std::sort(values.begin(), values.end());
  const Index n = values.size();
  return n == 0 ? 1.0 : 0.5 * (values((n - 1) / 2) + values(n / 2));
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

/// The cycles of a flow, whose map the rollouts follow.
struct FlowNodes {
  const dynamics::System& flow;
  const std::vector<cycles::Cycle>& cycles;
};

class Builder {
 public:
  Builder(const dynamics::System& map, const FixedPointSet& set, const OrbitSet& orbit_set,
          const std::optional<FlowNodes>& of_flow, const GraphOptions& options,
          const Progress& progress)
      : map_(map),
        input_(set.input),
        options_(options),
        is_flow_(of_flow.has_value()),
        first_steps_(of_flow ? kFirstFlowSteps : kFirstSteps) {
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
    if (of_flow)
      for (const cycles::Cycle& cycle : of_flow->cycles) {
        nodes_.push_back(node_of(of_flow->flow, input_, cycle));
        graph_.cycles.push_back(plain(cycle));
        graph_.labels.push_back(fmt::format("period {:.4g}", cycle.period));
      }
    graph_.n_points = static_cast<Index>(graph_.point_index.size());
    graph_.n_orbits = static_cast<Index>(graph_.orbit_index.size());
    const Index n = graph_.n_nodes();
    graph_.readouts = readouts_of(graph_, set, orbit_set);
    for (const Node& node : nodes_) graph_.n_unstable.push_back(node.leaving.n_unstable);
    graph_.transitions = Matrix::Zero(n, n + 1);
    graph_.n_rollouts.assign(nodes_.size(), 0);
    others_.assign(nodes_.size(), {});
    undecided_.assign(nodes_.size(), {});
    nearest_ = internal::nearest_distances(nodes_);
    graph_.perturbation = options.perturbation * median(nearest_);
    graph_.capture_radius = options.capture_radius;
    has_wandering_ = std::any_of(nodes_.begin(), nodes_.end(), is_wandering_target);
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

  /// Some states, at the horizon, of rollouts that were undecided there.
  std::vector<Vector> undecided_ends() const {
    std::vector<Vector> all;
    for (const std::vector<Vector>& ends : undecided_)
      all.insert(all.end(), ends.begin(), ends.end());
    return all;
  }

 private:
  static bool is_wandering_target(const Node& node) {
    return node.kind == NodeKind::wandering && node.is_target;
  }

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
      for (const auto& [target, end] : ends_of(starts)) {
        graph_.transitions(row, target) += 1.0 / n_rollouts;
        if (target < graph_.n_nodes()) continue;
        ++others_[node][end.fate == Fate::cycle ? 0 : (end.fate == Fate::diverged ? 1 : 2)];
        if (end.fate == Fate::undecided && undecided_[node].size() < kEndsKept)
          undecided_[node].push_back(end.state);
      }
      reporter_->add(static_cast<double>(count) / n_rollouts);
    }
  }

  // The node at which each rollout ends (n_nodes: other), and how it ended.
  std::vector<std::pair<Index, RolloutEnd>> ends_of(const Matrix& starts) const {
    const int first_steps =
        has_wandering_ ? std::min(first_steps_, options_.max_steps) : options_.max_steps;
    std::vector<std::pair<Index, RolloutEnd>> ends;
    for (RolloutEnd& end : roll_out(map_, input_, starts, first_steps)) {
      Index target = target_of(end);
      const int left = options_.max_steps - first_steps;
      if (end.fate == Fate::undecided && target == graph_.n_nodes() && left > 0) {
        end = roll_out(map_, input_, Matrix(end.state.transpose()), left).front();
        target = target_of(end);
      }
      ends.emplace_back(target, std::move(end));
    }
    return ends;
  }

  Index target_of(const RolloutEnd& end) const {
    switch (end.fate) {
      case Fate::settled:
        return captured_by(end.state,
                           [](const Node& node) { return node.kind == NodeKind::point; });
      case Fate::cycle:
        if (is_flow_) return repeats_at(end.state);
        return captured_by(end.state, [&end](const Node& node) {
          return node.kind == NodeKind::periodic && end.period % node.states.rows() == 0;
        });
      case Fate::undecided:
        return wanders_on(end.state);
      case Fate::diverged:
        break;
    }
    return graph_.n_nodes();
  }

  // Of a flow no state comes back but by rounding: where a weak focus draws it no nearer, or on a
  // cycle whose period fits.
  Index repeats_at(const Vector& state) const {
    const Index point = captured_by(state, [](const Node& node) {
      return node.kind == NodeKind::point && node.leaving.n_unstable == 0;
    });
    return point < graph_.n_nodes() ? point : wanders_on(state);
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
      ++counts[static_cast<std::size_t>(captured_by(current, is_wandering_target))];
      current = evaluate_at(map_, current, input_);
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return *most > kSteps / 2 ? most - counts.begin() : graph_.n_nodes();
  }

  const dynamics::System& map_;
  const Vector& input_;
  const GraphOptions& options_;
  const bool is_flow_;
  const int first_steps_;
  Graph graph_;
  std::vector<Node> nodes_;
  Vector nearest_;
  std::vector<std::array<int, 3>> others_;      // cycles, diverged, undecided
  std::vector<std::vector<Vector>> undecided_;  // some ends, by node
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

// Cycles are looked for where rollouts were, until there are no new ones: of a few rollouts early,
// so that all the others need not circle to the horizon, then of all of them there.
Graph build_flow_graph(const dynamics::System& flow, const FixedPointSet& set,
                       const GraphOptions& options, const Progress& progress) {
  const FlowMap map(flow, 1 / fastest_rate(set));
  GraphOptions limited = options;
  limited.max_steps =
      std::min(options.max_steps, flow.n_states() <= kFewStates ? kFlowSteps : kLargeFlowSteps);
  const FixedPointSet points = with_multipliers(set, map.duration());
  internal::FlowCycles cycles(flow, set.input, kLargeFlowSteps * map.duration(), options, progress);
  GraphOptions scouting = limited;
  scouting.max_steps = std::min(limited.max_steps, kFirstFlowSteps);
  scouting.n_rollouts = std::min(limited.n_rollouts, kScouts);
  for (int round = 1; round <= kMostRounds; ++round) {
    Builder builder(map, points, OrbitSet{}, FlowNodes{flow, cycles.all()}, scouting, progress);
    const Graph graph = builder.build();
    if (graph.termination == Termination::interrupted) return graph;
    if (!cycles.add_near(builder.undecided_ends())) break;
  }
  for (int round = 1;; ++round) {
    Builder builder(map, points, OrbitSet{}, FlowNodes{flow, cycles.all()}, limited, progress);
    Graph graph = builder.build();
    if (graph.termination == Termination::interrupted || round == kMostRounds ||
        !cycles.add_near(builder.undecided_ends()))
      return graph;
  }
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
  require(options.n_cycle_starts >= 0 && options.n_cycle_starts <= 1000000, "n_cycle_starts",
          options.n_cycle_starts, "0 to 1000000");
}

Graph build_graph(const dynamics::System& system, const FixedPointSet& set,
                  const OrbitSet& orbit_set, const GraphOptions& options,
                  const Progress& progress) {
  check(system, set, orbit_set, options);
  if (system.time() == dynamics::Time::discrete)
    return Builder(system, set, orbit_set, std::nullopt, options, progress).build();
  if (!orbit_set.orbits.empty())
    throw InvalidInput("graph: found orbits of a map beside a flow, expected fixed points alone");
  return build_flow_graph(system, set, options, progress);
}

Graph build_graph(const dynamics::System& system, const FixedPointSet& set,
                  const GraphOptions& options, const Progress& progress) {
  return build_graph(system, set, OrbitSet{}, options, progress);
}

}  // namespace nullcline::topology
