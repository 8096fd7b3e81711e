// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/skeleton.hpp"

#include <fmt/format.h>

#include <Eigen/LU>
#include <cmath>
#include <optional>

#include "nullcline/census/attractors.hpp"
#include "nullcline/census/internal/pursuit.hpp"
#include "nullcline/core/error.hpp"

namespace nullcline::census {

namespace {

using internal::Fate;
using internal::Plane;

constexpr double kManifoldStart = 1e-6;  // from the saddle, relative to the room around it

// Of a matrix of the plane with a negative determinant: along the growing and the falling mode.
struct Modes {
  Vector unstable, stable;
};

Vector null_direction(const Eigen::Matrix2d& a) {
  const Eigen::Vector2d first(-a(0, 1), a(0, 0)), second(-a(1, 1), a(1, 0));
  return (first.norm() > second.norm() ? first : second).normalized();
}

Modes modes_of(const Matrix& jacobian) {
  const Eigen::Matrix2d j = jacobian;
  const double half = j.trace() / 2;
  const double root = std::sqrt(half * half - j.determinant());
  const Eigen::Matrix2d one = Eigen::Matrix2d::Identity();
  return {null_direction(j - (half + root) * one), null_direction(j - (half - root) * one)};
}

bool is_enclosed(const Matrix& polygon, const Vector& point) {
  bool is_inside = false;
  for (Index i = 0, j = polygon.rows() - 1; i < polygon.rows(); j = i++) {
    const double y_i = polygon(i, 1), y_j = polygon(j, 1);
    if ((y_i > point(1)) != (y_j > point(1)) &&
        point(0) < (polygon(j, 0) - polygon(i, 0)) * (point(1) - y_i) / (y_j - y_i) + polygon(i, 0))
      is_inside = !is_inside;
  }
  return is_inside;
}

Matrix rows_of(const std::vector<Vector>& states) {
  Matrix rows(static_cast<Index>(states.size()), 2);
  for (std::size_t i = 0; i < states.size(); ++i)
    rows.row(static_cast<Index>(i)) = states[i].transpose();
  return rows;
}

Node point_node(int n_unstable, Index n_states) {
  if (n_unstable == 0) return {NodeKind::sink, 0};
  return {n_unstable == n_states ? NodeKind::source : NodeKind::saddle, n_unstable};
}

class PlanarSkeleton {
 public:
  PlanarSkeleton(const dynamics::System& flow, ConstVectorRef input, const PointSet& set,
                 const SkeletonOptions& options, Skeleton& out)
      : set_(set), options_(options), plane_(flow, input, set, options), out_(out) {}

  Verdict run() {
    for (std::size_t i = 0; i < set_.points.size(); ++i)
      if (set_.points[i].n_unstable != 1 && !(plane_.attraction(i).level > 0))
        return Verdict::undecided;
    for (std::size_t i = 0; i < set_.points.size() && is_good_; ++i)
      set_.points[i].n_unstable == 1 ? follow_manifolds(i) : leave_point(i);
    if (is_good_ && set_.is_trapping) enter_box();
    for (std::size_t k = 0; k < plane_.cycles().size() && is_good_; ++k) leave_cycle(k);
    if (!is_good_) return verdict_;
    return describe();
  }

 private:
  // Whether a trajectory's end is known; its verdict is that of all otherwise.
  bool accept(const Fate& fate) {
    if (fate.kind == Fate::Kind::near_saddle) verdict_ = Verdict::near_connection;
    if (fate.kind == Fate::Kind::undecided) verdict_ = Verdict::undecided;
    is_good_ = fate.kind != Fate::Kind::near_saddle && fate.kind != Fate::Kind::undecided;
    return is_good_;
  }

  void follow_manifolds(std::size_t saddle) {
    const ProvenPoint& point = set_.points[saddle];
    const Modes modes = modes_of(point.jacobian);
    const double step = kManifoldStart * plane_.room(saddle);
    for (const int sense : {1, -1})
      for (const double side : {1.0, -1.0}) {
        const Vector& mode = sense > 0 ? modes.unstable : modes.stable;
        std::vector<Vector> path = {point.state};
        const Fate fate = plane_.follow(point.state + side * step * mode, sense, saddle,
                                        options_.keeps_manifolds ? &path : nullptr);
        if (!accept(fate)) return;
        connections_.push_back({sense, saddle, fate});
        if (!options_.keeps_manifolds) continue;
        if (fate.kind == Fate::Kind::point) path.push_back(set_.points[fate.index].state);
        out_.manifolds.push_back(rows_of(path));
      }
  }

  // The first of some starts whose trajectory does not run into a saddle: any of them would do.
  template <class Start>
  void follow_any(int sense, Start&& start_at) {
    Fate fate;
    for (const double angle : {0.7, 2.9, 4.6}) {
      fate = plane_.follow(start_at(angle), sense);
      if (fate.kind != Fate::Kind::near_saddle) break;
    }
    accept(fate);
  }

  void leave_point(std::size_t i) {
    const internal::Attraction& around = plane_.attraction(i);
    follow_any(set_.points[i].n_unstable == 0 ? -1 : 1, [&](double angle) -> Vector {
      const Eigen::Vector2d d(std::cos(angle), std::sin(angle));
      return around.center + 0.1 * std::sqrt(around.level / d.dot(around.form * d)) * d;
    });
  }

  void enter_box() {
    const dynamics::Box& box = set_.box;
    follow_any(1, [&](double angle) -> Vector {
      const double share = (1 + std::sin(angle)) / 2;
      return Eigen::Vector2d(box.upper(0), (1 - share) * box.lower(1) + share * box.upper(1));
    });
  }

  void leave_cycle(std::size_t k) {
    const internal::SectionedCycle cycle = plane_.cycles()[k];
    for (const double side : {1.0, -1.0}) {
      const Vector start = cycle.point + side * cycle.reach * cycle.across;
      if (!accept(plane_.follow(start, cycle.cycle.is_stable ? -1 : 1))) return;
    }
  }

  int node_of(const Fate& fate) const {
    const std::size_t n_points = set_.points.size();
    if (fate.kind == Fate::Kind::point) return static_cast<int>(fate.index);
    if (fate.kind == Fate::Kind::cycle) return static_cast<int>(n_points + fate.index);
    return static_cast<int>(n_points + plane_.cycles().size());
  }

  Verdict describe() {
    ConnectionGraph graph;
    for (const ProvenPoint& point : set_.points)
      graph.nodes.push_back(point_node(point.n_unstable, 2));
    for (const internal::SectionedCycle& found : plane_.cycles()) {
      graph.nodes.push_back(
          {found.cycle.is_stable ? NodeKind::stable_cycle : NodeKind::unstable_cycle, 0});
      out_.cycles.push_back(found.cycle);
    }
    graph.nodes.push_back({NodeKind::outside, 0});
    for (const Connection& connection : connections_) {
      const auto saddle = static_cast<int>(connection.saddle);
      const int end = node_of(connection.fate);
      graph.edges.push_back(connection.sense > 0 ? Edge{EdgeKind::unstable, saddle, end}
                                                 : Edge{EdgeKind::stable, end, saddle});
    }
    if (!add_enclosures(graph)) return Verdict::undecided;
    out_.graph = std::move(graph);
    return Verdict::decided;
  }

  // The indices of the points within a cycle sum to 1 (Poincare): otherwise a curve was not well
  // computed.
  bool add_enclosures(ConnectionGraph& graph) const {
    const std::size_t n_points = set_.points.size();
    const auto& cycles = plane_.cycles();
    for (std::size_t k = 0; k < cycles.size(); ++k) {
      const Matrix& polygon = cycles[k].cycle.states;
      int index = 0;
      for (std::size_t i = 0; i < n_points + cycles.size(); ++i) {
        if (i == n_points + k) continue;
        const Vector& place = i < n_points ? set_.points[i].state : cycles[i - n_points].point;
        if (!is_enclosed(polygon, place)) continue;
        graph.edges.push_back(
            {EdgeKind::encloses, static_cast<int>(n_points + k), static_cast<int>(i)});
        if (i < n_points) index += set_.points[i].n_unstable == 1 ? -1 : 1;
      }
      if (index != 1) return false;
    }
    return true;
  }

  struct Connection {
    int sense = 1;
    std::size_t saddle = 0;
    Fate fate;
  };

  const PointSet& set_;
  const SkeletonOptions& options_;
  Plane plane_;
  Skeleton& out_;
  std::vector<Connection> connections_;
  bool is_good_ = true;
  Verdict verdict_ = Verdict::undecided;
};

void check(const SkeletonOptions& options) {
  if (options.max_boxes < 1 || options.max_steps < 1)
    throw InvalidInput(fmt::format("max_boxes, max_steps: found {} and {}, expected 1 or more",
                                   options.max_boxes, options.max_steps));
  if (options.n_trajectories < 0 || options.n_trajectories > 100000)
    throw InvalidInput(
        fmt::format("n_trajectories: found {}, expected 0 to 100000", options.n_trajectories));
  if (!(options.duration >= 100 && options.duration <= 1e7))
    throw InvalidInput(fmt::format("duration: found {}, expected 100 to 1e7", options.duration));
  if (!(options.tolerance >= 1e-13 && options.tolerance <= 1e-3))
    throw InvalidInput(
        fmt::format("tolerance: found {}, expected 1e-13 to 1e-3", options.tolerance));
}

}  // namespace

Skeleton find_skeleton(const dynamics::System& system, ConstVectorRef input,
                       const SkeletonOptions& options) {
  check(options);
  Skeleton skeleton;
  const PointSet set = prove_points(system, input, options.max_boxes);
  skeleton.verdict = set.verdict;
  skeleton.lower = set.box.lower;
  skeleton.upper = set.box.upper;
  for (const ProvenPoint& point : set.points) skeleton.points.push_back(point.state);
  if (set.verdict != Verdict::decided) return skeleton;
  const bool is_flow = system.time() == dynamics::Time::continuous;
  if (is_flow && system.n_states() == 2) {
    skeleton.verdict = PlanarSkeleton(system, input, set, options, skeleton).run();
    return skeleton;
  }
  for (const ProvenPoint& point : set.points)
    skeleton.graph.nodes.push_back(point_node(point.n_unstable, system.n_states()));
  if (options.n_trajectories == 0 || (is_flow && system.n_states() == 1)) return skeleton;
  const AttractorSet attractors = find_attractors(system, input, set, options);
  if (!attractors.is_decided) skeleton.verdict = Verdict::undecided;
  skeleton.exponent = attractors.exponent;
  skeleton.exponent_error = attractors.exponent_error;
  for (const Node& node : attractors.nodes) skeleton.graph.nodes.push_back(node);
  return skeleton;
}

}  // namespace nullcline::census
