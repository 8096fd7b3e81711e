// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/trajectories/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <optional>
#include <vector>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/cycles/collocation.hpp"
#include "nullcline/cycles/find.hpp"
#include "nullcline/dynamics/flow.hpp"
#include "nullcline/fixed_points/search.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/orbits/search.hpp"

namespace nullcline::trajectories {

namespace {

using dynamics::System;

constexpr Index kAllExponents = 32;
constexpr Index kFewExponents = 4;
constexpr double kDefaultTime = 2000;
constexpr double kDefaultSteps = 20000;
constexpr double kNear = 0.1;       // of an equilibrium, relative to 1 + |h|
constexpr double kRounding = 1e-8;  // distance at which a trajectory is on what attracts it
constexpr double kPush = 1e-5;      // off an unstable equilibrium
constexpr int kMostPushes = 3;
constexpr double kNeutral = 1e-6;      // a multiplier this near 1 is not told from it
constexpr int kMostTurns = 200;        // that the approach to a cycle is watched for
constexpr int kCycleSamples = 4000;    // to measure distances from it
constexpr double kNeutralTurns = 3.3;  // round a closed orbit, to see that it is one
constexpr double kReturns = 10;        // of a closed orbit that Newton's method does not solve for
constexpr int kHalvings = 60;          // of a step, to the place of a return
constexpr double kOnCycle = 1e-5;      // of its size, from a closed orbit
constexpr double kTurns = 20;          // of the set, in its sizes, that a trajectory has gone over

bool is_flow(const System& system) { return system.time() == dynamics::Time::continuous; }

Vector falling(Vector values) {
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

std::string list(ConstVectorRef values) {
  constexpr Index kShown = 4;
  std::vector<std::string> texts;
  for (Index i = 0; i < std::min(values.size(), kShown); ++i)
    texts.push_back(fmt::format("{:.6g}", values(i)));
  if (values.size() > kShown) texts.emplace_back("...");
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Where a flow is after some time; empty if it leaves every bound.
std::optional<Vector> flowed(const System& flow, ConstVectorRef input, const Vector& start,
                             double time, double tolerance) {
  const Matrix last = dynamics::integrate(flow, input, start, Vector::Constant(1, time), tolerance);
  if (!last.allFinite()) return std::nullopt;
  return last.row(0).transpose();
}

std::optional<Vector> equilibrium_near(const System& flow, ConstVectorRef input, Vector state) {
  const Vector start = state;
  const double bound = kNear * (1 + start.norm());
  for (int i = 0; i < 30; ++i) {
    Matrix jacobian = jacobian_at(flow, state, input);
    Vector step = -evaluate_at(flow, state, input);
    std::vector<int> pivots(static_cast<std::size_t>(state.size()));
    if (!numerics::lu_factor(MatrixRef(jacobian), pivots)) return std::nullopt;
    numerics::lu_solve(jacobian, pivots, VectorRef(step));
    if (!step.allFinite() || (state + step - start).norm() > bound) return std::nullopt;
    state += step;
    if (step.norm() <= 1e-12 * (1 + state.norm())) return state;
  }
  return std::nullopt;
}

/// The end of a trajectory of a flow.
class FlowEnd {
 public:
  FlowEnd(const System& flow, ConstVectorRef input, const TrajectoryOptions& options,
          const Progress& progress, Trajectory& result)
      : flow_(flow), input_(input), options_(options), progress_(progress), result_(result) {}

  void classify() {
    if (is_equilibrium() || is_cycle()) return;
    by_exponents();
  }

  /// Whether the trajectory rests at an equilibrium that repels it.
  bool rests_unstably() const {
    const Vector& end = result_.spectrum.end;
    const auto point = equilibrium_near(flow_, input_, end);
    return point && (end - *point).norm() <= kRounding * (1 + point->norm()) &&
           numerics::eigenvalues(jacobian_at(flow_, *point, input_)).real().maxCoeff() > 0;
  }

 private:
  bool is_equilibrium() {
    const Vector& end = result_.spectrum.end;
    const auto point = equilibrium_near(flow_, input_, end);
    if (!point) return false;
    const ComplexVector values = numerics::eigenvalues(jacobian_at(flow_, *point, input_));
    const double slowest = -values.real().maxCoeff();
    if (!(slowest > 0)) return false;
    const double time = std::min(3 / slowest, options_.duration);
    const auto later = flowed(flow_, input_, end, time, options_.tolerance);
    const double before = (end - *point).norm();
    const double after = later ? (*later - *point).norm() : before;
    const double rounding = kRounding * (1 + point->norm());
    if (!(after <= std::max(rounding, before * std::exp(-slowest * time / 2)))) return false;
    result_.verdict = Verdict::fixed_point;
    result_.point = *point;
    result_.exact_exponents = falling(values.real());
    const std::string distance =
        before <= rounding
            ? fmt::format("it is there to {:.1g}", rounding)
            : fmt::format("its distance fell from {:.3g} to {:.3g} in a time of {:.4g}", before,
                          after, time);
    result_.evidence =
        fmt::format("it draws near to an equilibrium whose eigenvalues have the real parts {}; {}",
                    list(result_.exact_exponents), distance);
    return true;
  }

  bool is_cycle() {
    const Spectrum& s = result_.spectrum;
    if (!((s.maximum - s.minimum).norm() > 0)) return false;
    cycles::FindOptions options;
    options.max_time = std::max(options_.duration, 100.0);
    options.tolerance = std::clamp(options_.tolerance, 1e-13, 1e-8);
    const auto cycle =
        cycles::cycle_near(flow_, input_, {s.minimum, s.maximum}, s.end, options, progress_);
    if (!cycle) return returns();
    if (is_neutral(*cycle)) return goes_round(*cycle);
    if (!cycle->is_stable) return false;
    const double size = (cycle->maximum - cycle->minimum).norm();
    const double slowest = cycle->multipliers.size() > 0 ? std::abs(cycle->multipliers(0)) : 0;
    const double turns =
        slowest > 0 ? std::clamp(std::ceil(-3 / std::log(slowest)), 1.0, double(kMostTurns)) : 1;
    const auto later = flowed(flow_, input_, s.end, turns * cycle->period, options_.tolerance);
    if (!later) return false;
    const Matrix curve = samples(*cycle);
    const double before = distance(curve, s.end), after = distance(curve, *later);
    if (!(after <= std::max(kOnCycle * size, before * std::pow(slowest, turns / 2)))) return false;
    set_cycle(*cycle);
    result_.evidence = fmt::format(
        "it comes to a stable cycle of period {:.10g}, whose multipliers give the exponents {}",
        cycle->period, list(result_.exact_exponents));
    return true;
  }

  void set_cycle(const cycles::Cycle& cycle) {
    result_.verdict = Verdict::cycle;
    result_.period = cycle.period;
    result_.point = cycle.states.row(0).transpose();
    Vector exponents(cycle.multipliers.size() + 1);
    exponents(0) = 0;
    for (Index i = 0; i < cycle.multipliers.size(); ++i)
      exponents(i + 1) = std::log(std::abs(cycle.multipliers(i))) / cycle.period;
    result_.exact_exponents = falling(exponents);
  }

  // The largest multiplier is 1: that of a family of cycles, as where a quantity is conserved.
  static bool is_neutral(const cycles::Cycle& cycle) {
    return cycle.multipliers.size() > 0 && std::abs(std::abs(cycle.multipliers(0)) - 1) <= kNeutral;
  }

  // Whether the trajectory is on this closed orbit, and stays there.
  bool goes_round(const cycles::Cycle& cycle) {
    const Vector& end = result_.spectrum.end;
    const auto later = flowed(flow_, input_, end, kNeutralTurns * cycle.period, options_.tolerance);
    const double near = kOnCycle * (cycle.maximum - cycle.minimum).norm();
    const Matrix curve = samples(cycle);
    if (!later || distance(curve, end) > near || distance(curve, *later) > near) return false;
    set_cycle(cycle);
    tell_neutral();
    return true;
  }

  void tell_neutral() {
    result_.evidence = fmt::format(
        "it goes round a closed orbit of period {:.10g} that neither attracts nor repels (its "
        "largest multiplier is 1): one of a family, as around a center or where a quantity is "
        "conserved",
        result_.period);
  }

  // Whether it comes back to where it was. Newton's method has nothing to hold on to
  // where all closed orbits have the same period.
  bool returns() {
    const Spectrum& s = result_.spectrum;
    const double near = kOnCycle * (s.maximum - s.minimum).norm();
    const std::optional<double> period = first_return(near);
    if (!period) return false;
    // In the plane the divergence is exact where exponents fall as ln t / t, by the shear of a
    // family.
    const bool is_plane = flow_.n_states() == 2;
    if (!is_plane && s.exponents.size() < 2) return false;
    const double rate =
        is_plane ? std::abs(s.mean_divergence) : s.exponents.head(2).cwiseAbs().maxCoeff();
    if (!(rate * *period <= kNeutral)) return false;
    const auto later = flowed(flow_, input_, s.end, kReturns * *period, options_.tolerance);
    if (!later || (*later - s.end).norm() > near) return false;
    result_.verdict = Verdict::cycle;
    result_.period = *period;
    result_.point = s.end;
    if (is_plane) result_.exact_exponents = Vector::Zero(2);
    tell_neutral();
    return true;
  }

  // When the trajectory from the end first passes that end again, this near.
  std::optional<double> first_return(double near) const {
    const Vector& end = result_.spectrum.end;
    const Vector normal = dynamics::evaluate_at(flow_, end, input_);
    const auto height = [&](const Vector& state) { return normal.dot(state - end); };
    dynamics::FlowStepper stepper(flow_, input_, options_.tolerance);
    stepper.start(end);
    double last = 0;
    while (stepper.time() < options_.duration && stepper.step()) {
      const double now = height(stepper.state());
      if (last < 0 && now >= 0) {
        double low = stepper.previous_time(), high = stepper.time();
        for (int i = 0; i < kHalvings; ++i) {
          const double middle = (low + high) / 2;
          (height(stepper.at(middle)) < 0 ? low : high) = middle;
        }
        if ((stepper.at(high) - end).norm() <= near) return high;
      }
      last = now;
    }
    return std::nullopt;
  }

  static Matrix samples(const cycles::Cycle& cycle) {
    const cycles::Profile profile = profile_of(cycle);
    Matrix curve(kCycleSamples, cycle.states.cols());
    for (Index i = 0; i < kCycleSamples; ++i)
      curve.row(i) = profile.at(static_cast<double>(i) / kCycleSamples).transpose();
    return curve;
  }

  // To the nearest chord.
  static double distance(const Matrix& curve, const Vector& state) {
    double least = std::numeric_limits<double>::infinity();
    for (Index i = 0; i < curve.rows(); ++i) {
      const Vector a = curve.row(i), chord = Vector(curve.row((i + 1) % curve.rows())) - a;
      const double share = std::clamp(chord.dot(state - a) / chord.squaredNorm(), 0.0, 1.0);
      least = std::min(least, (a + share * chord - state).norm());
    }
    return least;
  }

  void by_exponents() {
    const Spectrum& s = result_.spectrum;
    const double size = (s.maximum - s.minimum).norm();
    const std::string exponents =
        fmt::format("exponents {} with errors {}", list(s.exponents), list(s.errors));
    if (!(s.path_length > kTurns * size)) {
      result_.evidence = fmt::format(
          "in a time of {:.6g} it went {:.3g} times over its own size: too slow to tell a passage "
          "from an attractor",
          options_.duration, size > 0 ? s.path_length / size : 0.0);
      return;
    }
    // What is below 1 / duration cannot be told from zero.
    const double floor = 1 / options_.duration;
    const auto is_zero = [&](Index i) {
      return std::abs(s.exponents(i)) <= 3 * s.errors(i) + floor;
    };
    Index n_zero = 0, n_positive = 0, n_negative = 0;
    for (Index i = 0; i < s.exponents.size(); ++i) {
      if (is_zero(i))
        ++n_zero;
      else if (s.exponents(i) < 0)
        ++n_negative;
      else if (s.exponents(i) > 5 * (s.errors(i) + floor))
        ++n_positive;
    }
    const bool knows_all = s.exponents.size() == flow_.n_states();
    if (n_zero > 1 && flow_.n_states() == 2) {
      // Poincare and Bendixson: there is no torus.
      result_.evidence =
          "in the plane there is no torus, though both exponents vanish, as where a quantity is "
          "conserved or the approach is slow: " +
          exponents;
    } else if (n_positive > 0 && flow_.n_states() > 2 &&
               (n_zero > 0 || (!knows_all && n_negative == 0))) {
      result_.verdict = Verdict::chaos;
      result_.evidence = "the largest exponent is positive: " + exponents;
    } else if (n_positive == 0 && n_zero > 1 && flow_.n_states() > 2 &&
               (knows_all || n_negative > 0) && n_zero + n_negative == s.exponents.size()) {
      result_.verdict = Verdict::torus;
      result_.evidence =
          fmt::format("{} exponents vanish, none is positive: {}", n_zero, exponents);
    } else {
      result_.evidence =
          "it comes to no equilibrium and no cycle that could be solved for, and its exponents "
          "tell no kind: " +
          exponents;
    }
  }

  const System& flow_;
  const Vector input_;
  const TrajectoryOptions& options_;
  const Progress& progress_;
  Trajectory& result_;
};

void classify_map(const System& map, ConstVectorRef input, const TrajectoryOptions& options,
                  Trajectory& result) {
  fixed_points::SearchOptions search;
  search.n_starts = search.max_starts = 16;
  search.max_boxes = 1000;
  const Matrix end = result.spectrum.end.transpose();
  const auto set = fixed_points::find_fixed_points(map, input, end, search);
  orbits::OrbitOptions follow;
  follow.trajectories = 1;
  follow.trajectory_steps = static_cast<int>(std::clamp(options.duration, 1000.0, 1000000.0));
  const orbits::OrbitSet ends = find_orbits(map, set, end, follow);
  const auto set_verdict = [&](Verdict verdict, std::string evidence) {
    result.verdict = verdict;
    result.evidence = std::move(evidence);
  };
  const auto logs = [](const ComplexVector& multipliers, double period) {
    return falling((multipliers.cwiseAbs().array().log() / period).matrix());
  };
  for (std::size_t i = 0; i < set.points.size(); ++i)
    if (ends.ends_at_point[i] > 0) {
      result.point = set.points[i].state;
      result.exact_exponents = logs(set.points[i].eigenvalues, 1);
      return set_verdict(Verdict::fixed_point,
                         fmt::format("it comes to a stable fixed point whose eigenvalues give the "
                                     "exponents {}",
                                     list(result.exact_exponents)));
    }
  if (ends.n_diverged > 0) return set_verdict(Verdict::diverged, "it left every bound");
  if (ends.orbits.empty()) return set_verdict(Verdict::undecided, ends.note);
  const orbits::Orbit& orbit = ends.orbits.front();
  switch (orbit.kind) {
    case orbits::Kind::periodic:
      result.period = orbit.period;
      result.point = orbit.points.row(0).transpose();
      result.exact_exponents = logs(orbit.multipliers, orbit.period);
      return set_verdict(
          Verdict::cycle,
          fmt::format("it comes to a stable orbit of period {}, whose multipliers give the "
                      "exponents {}",
                      orbit.period, list(result.exact_exponents)));
    case orbits::Kind::invariant_circle:
      result.period = orbit.period / orbit.rotation_number;
      return set_verdict(Verdict::torus, orbit.evidence);
    case orbits::Kind::torus:
      return set_verdict(Verdict::torus, orbit.evidence);
    case orbits::Kind::chaotic:
      return set_verdict(
          Verdict::chaos,
          fmt::format("the largest exponent is positive: exponents {} with errors {}",
                      list(result.spectrum.exponents), list(result.spectrum.errors)));
    case orbits::Kind::undecided:
      return set_verdict(Verdict::undecided, orbit.evidence);
  }
}

TrajectoryOptions resolved(const System& system, TrajectoryOptions options) {
  if (!(options.duration >= 0))
    throw InvalidInput(fmt::format("duration: found {}, expected 0 or more", options.duration));
  if (!(options.transient >= 0))
    throw InvalidInput(fmt::format("transient: found {}, expected 0 or more", options.transient));
  if (options.duration == 0) options.duration = is_flow(system) ? kDefaultTime : kDefaultSteps;
  if (options.transient == 0) options.transient = options.duration / 10;
  const Index n = system.n_states();
  if (options.n_exponents == 0)
    options.n_exponents = static_cast<int>(n <= kAllExponents ? n : std::min(n, kFewExponents));
  return options;
}

}  // namespace

Trajectory classify_trajectory(const System& system, ConstVectorRef input, ConstVectorRef start,
                               const TrajectoryOptions& given, const Progress& progress) {
  const TrajectoryOptions options = resolved(system, given);
  const Span span{options.transient, options.duration, options.tolerance};
  Trajectory result;
  result.is_flow = is_flow(system);
  Vector from = start;
  Rng rng(0, Purpose::perturbations, 1);
  for (int push = 0; push <= kMostPushes; ++push) {
    result.spectrum = lyapunov_spectrum(system, input, from, options.n_exponents, span, progress);
    if (!result.is_flow || !result.spectrum.is_finite || result.spectrum.interrupted ||
        !FlowEnd(system, input, options, progress, result).rests_unstably())
      break;
    // It started on the stable manifold of what repels it.
    from = result.spectrum.end;
    for (double& value : from) value += kPush * (1 + std::abs(value)) * rng.normal();
  }
  const Spectrum& spectrum = result.spectrum;
  if (spectrum.interrupted) {
    result.evidence = "it was interrupted";
    return result;
  }
  if (!spectrum.is_finite) {
    result.verdict = Verdict::diverged;
    result.evidence = fmt::format("it left every bound after {} {:.6g}",
                                  result.is_flow ? "a time of" : "steps:", spectrum.elapsed);
    return result;
  }
  result.kaplan_yorke = kaplan_yorke_dimension(spectrum.exponents, system.n_states());
  if (result.is_flow)
    FlowEnd(system, input, options, progress, result).classify();
  else
    classify_map(system, input, options, result);
  return result;
}

NamedArrays to_arrays(const Trajectory& trajectory) {
  NamedArrays arrays;
  const Spectrum& s = trajectory.spectrum;
  const char* unit = trajectory.is_flow ? "1/time" : "1/step";
  const bool has_exponents = s.is_finite && !s.interrupted;
  const Index n = has_exponents ? s.exponents.size() : 0;
  arrays.attributes["verdict"] = std::string(name_of(trajectory.verdict));
  arrays.attributes["evidence"] = trajectory.evidence;
  arrays.set_vector("exponents", s.exponents.head(n), "exponent", "Lyapunov exponents", unit);
  arrays.set_vector("errors", s.errors.head(n), "exponent", "their standard errors", unit);
  arrays.set("running", s.running.leftCols(n), {"block", "exponent"},
             "exponents by the end of each block", unit);
  arrays.set_vector("running_time", s.running_times, "block", "time or steps after the transient");
  arrays.set_vector("exact_exponents", trajectory.exact_exponents, "exact_exponent",
                    "exponents from the eigenvalues or multipliers of what it comes to", unit);
  arrays.set_vector("point", trajectory.point, "point_state",
                    "the fixed point, or a state on the cycle");
  arrays.set_vector("end", s.end, "state", "the last state");
  arrays.set_vector("minimum", s.minimum, "state", "least value of each coordinate");
  arrays.set_vector("maximum", s.maximum, "state", "largest value of each coordinate");
  arrays.set_scalar("mean_divergence", s.mean_divergence, "mean divergence, or ln |det| of a map",
                    unit);
  arrays.set_scalar("kaplan_yorke", trajectory.kaplan_yorke, "Kaplan-Yorke dimension");
  arrays.set_scalar("period", trajectory.period, "period of a cycle, or steps per turn");
  arrays.set_scalar("elapsed", s.elapsed, "time or steps that it was followed for");
  return arrays;
}

}  // namespace nullcline::trajectories
