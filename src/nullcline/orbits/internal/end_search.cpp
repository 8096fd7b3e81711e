// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/internal/end_search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/orbits/invariant_circle.hpp"
#include "nullcline/orbits/lyapunov.hpp"
#include "nullcline/orbits/periodic.hpp"

namespace nullcline::orbits::internal {

namespace {

using fixed_points::Stability;

constexpr double kTolerance = 1e-9;  // of rest and of recurrence
constexpr int kFirstSteps = 1000;    // of all trajectories together
constexpr Index kBatch = 32;         // trajectories at once: fixed, so that rounding is
constexpr int kMaxClasses = 12;      // ends that are studied one by one
constexpr double kKick = 1e-5;       // away from saddles
constexpr int kMaxKicks = 3, kMaxFalseRecurrences = 3;
constexpr int kCaptureSteps = 64;  // over which an attractor must draw nearer
constexpr double kDegenerateDistance = 1e-6;
constexpr Index kMaxExponents = 4;
constexpr int kExponentSteps = 4000;
constexpr Index kStoredStates = 256;  // of an orbit without an end
constexpr Index kSmallSystem = 64;    // states up to which exponents may take 64 000 steps
constexpr double kSamePlace = 0.03;   // of its extent: one end, where it says nothing else

double distance_to(const Matrix& states, const Vector& state) {
  return (states.rowwise() - state.transpose()).cwiseAbs().rowwise().maxCoeff().minCoeff();
}

double extent_of(const Matrix& states) {
  return (states.colwise().maxCoeff() - states.colwise().minCoeff()).maxCoeff();
}

double median_distance(const Matrix& states, const Matrix& others) {
  std::vector<double> distances;
  for (Index i = 0; i < others.rows(); ++i)
    distances.push_back(distance_to(states, others.row(i).transpose()));
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

// A circle attracts all around it, and of what is undecided nothing is known but where it is.
bool is_known_by_place(Kind kind) {
  return kind == Kind::invariant_circle || kind == Kind::undecided;
}

// The first exponent may vanish, and none is positive.
bool may_be_circle(const LyapunovSpectrum& spectrum) {
  const auto size = spectrum.exponents.array().abs();
  return size(0) <= 3 * spectrum.errors(0) &&
         (spectrum.exponents.array() <= 3 * spectrum.errors.array()).all();
}

}  // namespace

EndSearch::EndSearch(const dynamics::System& map, const fixed_points::FixedPointSet& set,
                     const OrbitOptions& options, const Progress& progress)
    : map_(map),
      set_(set),
      options_(options),
      progress_(progress),
      equation_(map, set.input),
      input_(set.input.transpose()) {
  Matrix states(static_cast<Index>(set.points.size()), map.n_states());
  for (Index i = 0; i < states.rows(); ++i)
    states.row(i) = set.points[static_cast<std::size_t>(i)].state.transpose();
  reduced_points_ = states.rows() > 0 ? equation_.restrict_states(states) : Matrix(states);
}

void EndSearch::run(ConstMatrixRef starts, OrbitSet& result) {
  result_ = &result;
  result.n_trajectories = starts.rows();
  result.ends_at_point.assign(set_.points.size(), 0);
  std::vector<Trajectory> active(static_cast<std::size_t>(starts.rows()));
  for (std::size_t i = 0; i < active.size(); ++i)
    active[i].state = starts.row(static_cast<Index>(i)).transpose();
  advance(active, std::min(kFirstSteps, options_.trajectory_steps));
  capture(active);
  for (int n_classes = 0; n_classes < kMaxClasses && !active.empty(); ++n_classes) {
    if (is_interrupted("classifying ends")) break;
    std::vector<Trajectory> first{active.front()};
    active.erase(active.begin());
    advance(first, options_.trajectory_steps);
    if (!first.empty() && !is_in_cloud(first.front().state, 0) && !ends_slowly(first.front().state))
      classify_end(first.front());
    capture(active);
    if (n_classes > 0 || active.empty()) continue;
    // What is left may be on its way to the same end, and slow: all are given the time.
    advance(active, options_.trajectory_steps);
    std::erase_if(active,
                  [this](const Trajectory& trajectory) { return ends_slowly(trajectory.state); });
    n_old_clouds_ = 0;
    capture(active);
  }
  result.n_undecided += static_cast<std::int64_t>(active.size());
}

bool EndSearch::is_interrupted(const char* message) {
  interrupted_ = interrupted_ || !report_progress(progress_, {0, 0, message});
  return interrupted_;
}

// Follows all trajectories, up to n_steps in all for each, and keeps those that have no end yet.
void EndSearch::advance(std::vector<Trajectory>& trajectories, int n_steps) {
  while (!is_interrupted("following trajectories")) {
    std::vector<std::size_t> unfinished;
    int steps = 0;
    for (std::size_t i = 0; i < trajectories.size(); ++i)
      if (trajectories[i].steps < n_steps) {
        unfinished.push_back(i);
        steps = std::max(steps, n_steps - trajectories[i].steps);
      }
    if (unfinished.empty()) return;
    std::vector<Followed> ends(unfinished.size());
    const std::size_t n_batches = (unfinished.size() + kBatch - 1) / kBatch;
    parallel_for(n_batches, [&](std::size_t batch) {
      const std::size_t first = batch * kBatch;
      const std::size_t count = std::min<std::size_t>(kBatch, unfinished.size() - first);
      Matrix states(static_cast<Index>(count), map_.n_states());
      for (std::size_t i = 0; i < count; ++i)
        states.row(static_cast<Index>(i)) = trajectories[unfinished[first + i]].state.transpose();
      const auto part = follow(map_, input_, states, steps, kTolerance);
      std::copy(part.begin(), part.end(), ends.begin() + static_cast<std::ptrdiff_t>(first));
    });
    std::vector<Trajectory> kept;
    std::size_t next = 0;
    for (std::size_t i = 0; i < trajectories.size(); ++i) {
      const bool was_followed = next < unfinished.size() && unfinished[next] == i;
      if (was_followed && has_ended(trajectories[i], ends[next++])) continue;
      kept.push_back(std::move(trajectories[i]));
    }
    trajectories = std::move(kept);
  }
}

bool EndSearch::has_ended(Trajectory& trajectory, const Followed& followed) {
  trajectory.state = followed.state;
  trajectory.steps += followed.steps;
  switch (followed.event) {
    case Event::none:
      return false;
    case Event::diverged:
      ++result_->n_diverged;
      return true;
    case Event::at_rest:
      return is_at_rest(trajectory);
    case Event::recurred:
      return has_recurred(trajectory, followed.period);
  }
  return false;
}

bool EndSearch::is_at_rest(Trajectory& trajectory) {
  const int point = point_at(trajectory.state);
  if (point < 0) {
    ++result_->n_at_rest_elsewhere;
    return true;
  }
  if (set_.points[static_cast<std::size_t>(point)].n_unstable > 0 &&
      trajectory.n_kicks < kMaxKicks) {
    kick(trajectory);
    return false;
  }
  ++result_->n_at_points;
  ++result_->ends_at_point[static_cast<std::size_t>(point)];
  return true;
}

bool EndSearch::has_recurred(Trajectory& trajectory, int period) {
  int at = orbit_at(trajectory.state, period);
  if (at < 0) {
    std::optional<Orbit> orbit = refine_periodic_orbit(map_, set_.input, trajectory.state, period);
    if (orbit) at = static_cast<int>(add_periodic(std::move(*orbit)));
  }
  if (at < 0) {  // a slow spiral into a fixed point, or nothing that closes
    if (++trajectory.n_false_recurrences <= kMaxFalseRecurrences) return false;
    ++result_->n_undecided;
    return true;
  }
  Orbit& orbit = result_->orbits[static_cast<std::size_t>(at)];
  if (orbit.n_unstable > 0 && trajectory.n_kicks < kMaxKicks) {
    kick(trajectory);
    return false;
  }
  ++orbit.n_ends;
  ++result_->n_at_orbits;
  return true;
}

// A trajectory that starts on the stable manifold of a saddle ends there, but no other one does.
void EndSearch::kick(Trajectory& trajectory) {
  Rng rng(options_.search.seed, Purpose::perturbations,
          static_cast<std::uint64_t>(trajectory.n_kicks++));
  for (double& value : trajectory.state) value += kKick * (1 + std::abs(value)) * rng.normal();
}

// Trajectories on their way into an attractor that is known by now: inside its uniqueness box, and
// drawing nearer as fast as the linearization says.
void EndSearch::capture(std::vector<Trajectory>& trajectories) {
  if (trajectories.empty() || is_interrupted("following trajectories")) return;
  std::vector<int> periods{1};
  for (const Orbit& orbit : result_->orbits)
    if (orbit.kind == Kind::periodic) periods.push_back(orbit.period);
  std::sort(periods.begin(), periods.end());
  periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
  for (const int period : periods) {
    const int n_steps = (kCaptureSteps + period - 1) / period * period;
    Matrix states(static_cast<Index>(trajectories.size()), map_.n_states());
    for (Index i = 0; i < states.rows(); ++i)
      states.row(i) = trajectories[static_cast<std::size_t>(i)].state.transpose();
    const auto later = follow(map_, input_, states, n_steps, 0);
    std::vector<Trajectory> kept;
    for (std::size_t i = 0; i < trajectories.size(); ++i)
      if (later[i].event == Event::diverged ||
          !is_captured(trajectories[i].state, later[i].state, n_steps, period))
        kept.push_back(std::move(trajectories[i]));
    trajectories = std::move(kept);
  }
  std::erase_if(trajectories, [this](const Trajectory& trajectory) {
    return is_in_cloud(trajectory.state, n_old_clouds_);
  });
  n_old_clouds_ = clouds_.size();
}

bool EndSearch::is_captured(const Vector& before, const Vector& after, int n_steps, int period) {
  // The share of its distance that is left after n_steps / period turns, halfway to no change.
  const auto is_nearer = [&](double was, double is, double multiplier) {
    const double left = std::pow(multiplier, n_steps / period);
    return is <= was * (1 + left) / 2;
  };
  if (period == 1) {
    const int point = point_at(before);
    if (point < 0 || point_at(after) != point) return false;
    const auto& found = set_.points[static_cast<std::size_t>(point)];
    if (found.stability != Stability::stable ||
        !is_nearer((before - found.state).cwiseAbs().maxCoeff(),
                   (after - found.state).cwiseAbs().maxCoeff(), std::abs(found.eigenvalues(0))))
      return false;
    ++result_->n_at_points;
    ++result_->ends_at_point[static_cast<std::size_t>(point)];
    return true;
  }
  const int at = orbit_at(before, period);
  if (at < 0 || orbit_at(after, period) != at) return false;
  Orbit& orbit = result_->orbits[static_cast<std::size_t>(at)];
  if (orbit.stability != Stability::stable ||
      !is_nearer(distance_to(orbit.points, before), distance_to(orbit.points, after),
                 std::abs(orbit.multipliers(0))))
    return false;
  ++orbit.n_ends;
  ++result_->n_at_orbits;
  return true;
}

// A stable orbit may attract so weakly that no state comes back in time, as next to a resonance on
// an invariant circle. What nearly comes back is a start of Newton's method, and the orbit is the
// end if the trajectory draws nearer to it.
bool EndSearch::ends_slowly(const Vector& state) {
  constexpr int kMaxPeriod = 64, kTurns = 16;
  constexpr double kNearlyBack = 1e-3;  // of the extent
  std::vector<Vector> states{state};
  while (states.size() <= kMaxPeriod)
    states.push_back(evaluate_at(map_, states.back(), set_.input));
  Matrix rows(static_cast<Index>(states.size()), state.size());
  for (Index i = 0; i < rows.rows(); ++i)
    rows.row(i) = states[static_cast<std::size_t>(i)].transpose();
  const double extent = extent_of(rows);
  Index nearest = 0;
  const double gap = (rows.bottomRows(kMaxPeriod).rowwise() - state.transpose())
                         .cwiseAbs()
                         .rowwise()
                         .maxCoeff()
                         .minCoeff(&nearest);
  if (nearest == 0 || !(gap <= kNearlyBack * extent)) return false;
  std::optional<Orbit> orbit =
      refine_periodic_orbit(map_, set_.input, state, static_cast<int>(nearest) + 1);
  if (!orbit || orbit->stability != Stability::stable) return false;
  const double before = distance_to(orbit->points, state);
  Vector later = state;
  for (int step = 0; step < kTurns * orbit->period; ++step)
    later = evaluate_at(map_, later, set_.input);
  if (!(before <= kSamePlace * extent) || !(distance_to(orbit->points, later) < before))
    return false;
  ++result_->orbits[add_periodic(std::move(*orbit))].n_ends;
  ++result_->n_at_orbits;
  return true;
}

// Whether the state is on one of the clouds from the number `first` on; then it is counted there.
bool EndSearch::is_in_cloud(const Vector& state, std::size_t first) {
  constexpr int kStates = 9;  // the median of so many consecutive states decides
  if (first >= clouds_.size()) return false;
  std::vector<Vector> states{state};
  while (states.size() < kStates) states.push_back(evaluate_at(map_, states.back(), set_.input));
  for (std::size_t i = first; i < clouds_.size(); ++i) {
    const Cloud& cloud = clouds_[i];
    std::vector<double> distances;
    for (const Vector& visited : states) distances.push_back(distance_to(cloud.states, visited));
    std::nth_element(distances.begin(), distances.begin() + kStates / 2, distances.end());
    if (!(distances[kStates / 2] <= cloud.tolerance)) continue;
    ++result_->orbits[cloud.orbit].n_ends;
    ++(result_->orbits[cloud.orbit].kind == Kind::undecided ? result_->n_undecided
                                                            : result_->n_at_orbits);
    return true;
  }
  return false;
}

// No state came back: what do the Lyapunov exponents say?
void EndSearch::classify_end(const Trajectory& trajectory) {
  const Index n_exponents = std::min(kMaxExponents, map_.n_states());
  const int most_steps = map_.n_states() <= kSmallSystem ? 16 * kExponentSteps : 4 * kExponentSteps;
  LyapunovSpectrum spectrum;
  Vector state = trajectory.state;
  Kind kind = Kind::undecided;
  std::optional<Orbit> circle;
  for (int steps = kExponentSteps; steps <= most_steps; steps *= 4) {
    spectrum = lyapunov_spectrum(map_, set_.input, state, n_exponents, steps);
    if (!spectrum.finite) {
      ++result_->n_diverged;
      return;
    }
    kind = classify(spectrum);
    // Where a circle attracts slowly its second exponent is hard to tell from zero, but the curve
    // itself can be found.
    if (kind == Kind::invariant_circle || (kind == Kind::undecided && may_be_circle(spectrum)))
      circle = find_invariant_circle(map_, set_.input, spectrum.end);
    if (circle || kind != Kind::undecided) break;
    if (ends_slowly(spectrum.end)) return;
    state = spectrum.end;
  }
  Orbit orbit;
  std::string evidence;
  for (Index i = 0; i < n_exponents; ++i)
    evidence += fmt::format("{}{:.4g} +- {:.1g}", i == 0 ? "" : ", ", spectrum.exponents(i),
                            spectrum.errors(i));
  evidence = "Lyapunov exponents " + evidence;
  if (circle)
    orbit = std::move(*circle);
  else if (kind == Kind::invariant_circle)
    evidence += ": those of an invariant circle, but no smooth one was found";
  else
    orbit.kind = kind;
  if (orbit.points.rows() == 0)
    orbit.points = spectrum.states.topRows(std::min(kStoredStates, spectrum.states.rows()));
  orbit.stability = orbit.kind == Kind::undecided ? Stability::degenerate : Stability::stable;
  if (orbit.kind == Kind::chaotic)
    orbit.n_unstable =
        static_cast<int>((spectrum.exponents.array() > 5 * spectrum.errors.array()).count());
  orbit.exponents = spectrum.exponents;
  orbit.exponent_errors = spectrum.errors;
  orbit.evidence = orbit.evidence.empty() ? evidence : orbit.evidence + "; " + evidence;
  ++(orbit.kind == Kind::undecided ? result_->n_undecided : result_->n_at_orbits);
  add_end(std::move(orbit), spectrum.states);
}

// A new end, or one more trajectory at an end of this kind in the same place.
void EndSearch::add_end(Orbit orbit, const Matrix& trajectory) {
  constexpr Index kCompared = 256;
  const Index stride = std::max<Index>(1, trajectory.rows() / kCompared);
  Matrix states(trajectory.rows() / stride, trajectory.cols());
  for (Index i = 0; i < states.rows(); ++i) states.row(i) = trajectory.row(i * stride);
  for (const Cloud& cloud : clouds_) {
    Orbit& known = result_->orbits[cloud.orbit];
    if (known.kind != orbit.kind || known.period != orbit.period ||
        !is_known_by_place(orbit.kind) ||
        median_distance(cloud.states, states) > kSamePlace * extent_of(cloud.states))
      continue;
    ++known.n_ends;
    return;
  }
  orbit.n_ends = 1;
  result_->orbits.push_back(std::move(orbit));
  add_cloud(result_->orbits.size() - 1, trajectory);
}

// The last states lie this near to the others: so may those of another trajectory on the same
// attractor.
void EndSearch::add_cloud(std::size_t orbit, const Matrix& trajectory) {
  constexpr Index kStates = 1024, kTested = 64;
  const Index stride = std::max<Index>(1, trajectory.rows() / kStates);
  Matrix states(trajectory.rows() / stride, trajectory.cols());
  for (Index i = 0; i < states.rows(); ++i) states.row(i) = trajectory.row(i * stride);
  const Index n = states.rows(), n_tested = std::min(kTested, n / 2);
  Cloud cloud{orbit, states, 0};
  const Matrix others = states.topRows(n - n_tested);
  std::vector<double> distances;
  for (Index i = n - n_tested; i < n; ++i)
    distances.push_back(distance_to(others, states.row(i).transpose()));
  std::sort(distances.begin(), distances.end());
  if (!distances.empty()) cloud.tolerance = 2 * distances[distances.size() * 9 / 10];
  if (is_known_by_place(result_->orbits[orbit].kind))
    cloud.tolerance = std::max(cloud.tolerance, kSamePlace * extent_of(states));
  clouds_.push_back(std::move(cloud));
}

std::size_t EndSearch::add_periodic(Orbit orbit) {
  std::vector<Orbit>& orbits = result_->orbits;
  for (std::size_t i = 0; i < orbits.size(); ++i)
    if (is_same_orbit(orbits[i], orbit)) return i;
  orbits.push_back(std::move(orbit));
  return orbits.size() - 1;
}

// The point whose uniqueness box holds the state; an undecided one, if it is very near.
int EndSearch::point_at(const Vector& state) const {
  if (set_.points.empty()) return -1;
  const Vector reduced = equation_.restrict_states(Matrix(state.transpose())).row(0).transpose();
  int nearest = -1;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < set_.points.size(); ++i) {
    const fixed_points::FixedPoint& point = set_.points[i];
    if (point.kind == fixed_points::Kind::slow) continue;
    const double reach =
        point.kind == fixed_points::Kind::fixed ? point.uniqueness_radius : kDegenerateDistance;
    const double distance =
        (reduced_points_.row(static_cast<Index>(i)).transpose() - reduced).cwiseAbs().maxCoeff();
    if (distance > reach || distance >= least) continue;
    nearest = static_cast<int>(i);
    least = distance;
  }
  return nearest;
}

// The orbit of this period, or one that divides it, one of whose boxes holds the state.
int EndSearch::orbit_at(const Vector& state, int period) const {
  for (std::size_t i = 0; i < result_->orbits.size(); ++i) {
    const Orbit& orbit = result_->orbits[i];
    if (orbit.kind != Kind::periodic || period % orbit.period != 0) continue;
    if (distance_to(orbit.points, state) <= orbit.uniqueness_radius) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace nullcline::orbits::internal
