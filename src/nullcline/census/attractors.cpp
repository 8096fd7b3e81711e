// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/census/attractors.hpp"

#include <algorithm>

#include "nullcline/core/rng.hpp"
#include "nullcline/dynamics/flow.hpp"
#include "nullcline/fixed_points/classify.hpp"
#include "nullcline/orbits/search.hpp"
#include "nullcline/trajectories/verdict.hpp"

namespace nullcline::census {

namespace {

using trajectories::Trajectory;
using Ending = trajectories::Verdict;

constexpr double kFirstLook = 40;        // time of a flow; most are at rest by then
constexpr double kLooks = 10;            // each further one is so many times longer
constexpr double kFastTolerance = 1e-8;  // of a step, before exponents are judged
constexpr double kSamePeriod = 1e-5, kSameExtent = 1e-3;
constexpr Index kTurnSamples = 400;
constexpr double kAtRest = 1e-3;  // of 1 + |h|, from a fixed point

Vector start_in(const dynamics::Box& box, int number) {
  Rng rng(0, Purpose::analysis_data, static_cast<std::uint64_t>(number));
  Vector start(box.lower.size());
  for (Index i = 0; i < start.size(); ++i) start(i) = rng.uniform(box.lower(i), box.upper(i));
  return start;
}

void add_chaos(AttractorSet& set, double exponent, double error) {
  if (std::none_of(set.nodes.begin(), set.nodes.end(),
                   [](const Node& node) { return node.kind == NodeKind::chaos; }))
    set.nodes.push_back({NodeKind::chaos, 0, 0});
  if (set.exponent >= exponent) return;
  set.exponent = exponent;
  set.exponent_error = error;
}

void add_once(AttractorSet& set, NodeKind kind) {
  if (std::none_of(set.nodes.begin(), set.nodes.end(),
                   [&](const Node& node) { return node.kind == kind; }))
    set.nodes.push_back({kind, 0, 0});
}

struct Extent {
  double period;
  Vector lower, upper;

  bool is_same(const Extent& other) const {
    const double size = kSameExtent * (upper - lower).norm();
    return std::abs(period - other.period) <= kSamePeriod * period &&
           (lower - other.lower).norm() <= size && (upper - other.upper).norm() <= size;
  }
};

// On a closed orbit that is one of a family: no attractor.
bool is_neutral(const Trajectory& end) {
  constexpr double kNeutral = 1e-6;
  return end.exact_exponents.size() < 2 ||
         std::abs(end.exact_exponents(1)) * end.period <= kNeutral;
}

class FlowAttractors {
 public:
  FlowAttractors(const dynamics::System& flow, ConstVectorRef input, double duration)
      : flow_(flow), input_(input), duration_(duration) {}

  AttractorSet find(const dynamics::Box& box, int n_trajectories) {
    for (int k = 0; k < n_trajectories && set_.is_decided; ++k) follow(start_in(box, k));
    return std::move(set_);
  }

 private:
  void follow(Vector state) {
    trajectories::TrajectoryOptions options;
    options.n_exponents = 1;
    options.tolerance = kFastTolerance;
    for (double time = kFirstLook; time < duration_; time *= kLooks) {
      options.duration = options.transient = time;
      const Trajectory end = classify_trajectory(flow_, input_, state, options);
      if (take(end)) return;
      state = end.spectrum.end;
    }
    options = {};
    options.duration = duration_;
    const Trajectory end = classify_trajectory(flow_, input_, state, options);
    if (take(end)) return;
    if (end.verdict == Ending::torus)
      add_once(set_, NodeKind::torus);
    else if (end.verdict == Ending::chaos)
      add_chaos(set_, end.spectrum.exponents(0), end.spectrum.errors(0));
    else
      set_.is_decided = false;
  }

  // Whether the trajectory came to a point or a cycle, or left.
  bool take(const Trajectory& end) {
    if (end.verdict == Ending::fixed_point || end.verdict == Ending::diverged) return true;
    if (end.verdict != Ending::cycle || is_neutral(end)) return false;
    const Vector times = Vector::LinSpaced(kTurnSamples, 0, end.period);
    const Matrix turn = dynamics::integrate(flow_, input_, end.point, times);
    const Extent extent{end.period, turn.colwise().minCoeff().transpose(),
                        turn.colwise().maxCoeff().transpose()};
    if (std::any_of(cycles_.begin(), cycles_.end(),
                    [&](const Extent& known) { return known.is_same(extent); }))
      return true;
    cycles_.push_back(extent);
    set_.nodes.push_back({NodeKind::stable_cycle, 0, 0});
    return true;
  }

  const dynamics::System& flow_;
  const Vector input_;
  const double duration_;
  AttractorSet set_;
  std::vector<Extent> cycles_;
};

// All fixed points are known: a trajectory at rest this near to one is at it.
double room_around(const PointSet& points, const ProvenPoint& point) {
  double room = kAtRest * (1 + point.state.lpNorm<Eigen::Infinity>());
  for (const ProvenPoint& other : points.points)
    if (&other != &point)
      room = std::min(room, (other.state - point.state).lpNorm<Eigen::Infinity>() / 2);
  return room;
}

AttractorSet of_map(const dynamics::System& map, ConstVectorRef input, const PointSet& points,
                    const SkeletonOptions& options) {
  fixed_points::FixedPointSet known;
  known.input = input;
  for (const ProvenPoint& each : points.points) {
    fixed_points::FixedPoint point;
    point.state = each.state;
    point.kind = fixed_points::Kind::fixed;
    fixed_points::linearize(map, input, point);
    point.uniqueness_radius = room_around(points, each);
    known.points.push_back(std::move(point));
  }
  Matrix starts(options.n_trajectories, map.n_states());
  for (int k = 0; k < options.n_trajectories; ++k)
    starts.row(k) = start_in(points.box, k).transpose();
  orbits::OrbitOptions follow;
  follow.trajectories = options.n_trajectories;
  follow.trajectory_steps = static_cast<int>(options.duration);
  const orbits::OrbitSet ends = find_orbits(map, known, starts, follow);
  AttractorSet set;
  set.is_decided = ends.n_undecided == 0 && ends.n_at_rest_elsewhere == 0;
  for (const orbits::Orbit& orbit : ends.orbits) {
    if (orbit.kind == orbits::Kind::periodic)
      set.nodes.push_back({NodeKind::stable_cycle, 0, orbit.period});
    else if (orbit.kind == orbits::Kind::chaotic)
      add_chaos(set, orbit.exponents(0), orbit.exponent_errors(0));
    else if (orbit.kind != orbits::Kind::undecided)
      add_once(set, NodeKind::torus);
    else
      set.is_decided = false;
  }
  return set;
}

}  // namespace

AttractorSet find_attractors(const dynamics::System& system, ConstVectorRef input,
                             const PointSet& points, const SkeletonOptions& options) {
  if (system.time() == dynamics::Time::discrete) return of_map(system, input, points, options);
  return FlowAttractors(system, input, options.duration).find(points.box, options.n_trajectories);
}

}  // namespace nullcline::census
