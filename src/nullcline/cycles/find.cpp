// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/find.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/cycles/collocation.hpp"
#include "nullcline/dynamics/flow.hpp"

namespace nullcline::cycles {

namespace {

constexpr double kFirstLook = 20;       // time before a return is looked for; it doubles
constexpr double kReturn = 1e-3;        // a return is this near, relative to the size of the turn
constexpr double kRest = 100;           // speed at rest, in tolerances and relative to the box
constexpr double kSmallestTurn = 1e-6;  // relative to the box
constexpr double kEscape = 100;         // distance from the center of the box, in diameters
constexpr Index kTurnSamples = 1000;
constexpr Index kFirstIntervals = 20;

constexpr int kMostSteps = 300000;  // of a trajectory: where it is stiff, steps are short
constexpr std::chrono::milliseconds kBetweenRequests(20);
constexpr int kStepsBetweenLooks = 64;  // at the wish to stop
constexpr double kNeutral = 1e-6;       // a multiplier this near 1 neither attracts nor repels

enum class End { at_rest, on_cycle, met_cycle, escaped, undecided };

struct Outcome {
  End end = End::undecided;
  std::optional<Cycle> cycle;
};

/// The wish to stop, asked for by several threads at once.
class StopRequest {
 public:
  explicit StopRequest(const Progress& progress) : progress_(progress) {}
  bool is_made() {
    const std::lock_guard lock(mutex_);
    const auto time = std::chrono::steady_clock::now();
    if (!is_made_ && time - last_asked_ >= kBetweenRequests) {
      last_asked_ = time;
      is_made_ = !report_progress(progress_, now_);
    }
    return is_made_;
  }
  void set(ProgressUpdate update) {
    const std::lock_guard lock(mutex_);
    now_ = std::move(update);
    last_asked_ = {};
  }

 private:
  const Progress& progress_;
  std::mutex mutex_;
  ProgressUpdate now_{0, 0, "following trajectories"};
  std::chrono::steady_clock::time_point last_asked_;
  bool is_made_ = false;
};

// Whether the cycle takes in what is near it, in this sense of time; neutral ones keep it.
bool attracts(const Cycle& cycle, int sense) {
  return std::all_of(cycle.multipliers.begin(), cycle.multipliers.end(), [&](auto multiplier) {
    return sense > 0 ? std::abs(multiplier) <= 1 + kNeutral : std::abs(multiplier) >= 1 - kNeutral;
  });
}

/// Follows one trajectory until it returns to where it was, comes to rest, or escapes.
class Pursuit {
 public:
  Pursuit(const dynamics::System& flow, ConstVectorRef input, const dynamics::Box& box,
          const FindOptions& options, int sense, StopRequest& stop)
      : flow_(flow),
        input_(input),
        center_((box.lower + box.upper) / 2),
        size_((box.upper - box.lower).norm()),
        options_(options),
        sense_(sense),
        stop_(stop),
        stepper_(flow, input_, options.tolerance, sense) {}

  Outcome run(const Vector& start) {
    stepper_.start(start);
    for (double look = kFirstLook; stepper_.time() < options_.max_time; look *= 2) {
      while (stepper_.time() < look) {
        if (is_over()) return {};
        if (!advance()) return {End::escaped, {}};
        if (is_at_rest()) return {End::at_rest, {}};
      }
      const std::optional<double> period = wait_for_return(2 * look);
      if (ended_) return {*ended_, {}};
      if (!period) continue;
      if (std::optional<Cycle> cycle = solve_turn(*period))
        return {attracts(*cycle, sense_) ? End::on_cycle : End::met_cycle, cycle};
    }
    return {};
  }

 private:
  bool is_over() {
    if (n_steps_ % kStepsBetweenLooks == 0 && stop_.is_made()) is_stopped_ = true;
    return is_stopped_ || n_steps_ >= kMostSteps;
  }

  bool advance() {
    ++n_steps_;
    return stepper_.step() && (stepper_.state() - center_).norm() <= kEscape * size_;
  }

  bool is_at_rest() const {
    return dynamics::evaluate_at(flow_, stepper_.state(), input_).norm() <=
           kRest * options_.tolerance * size_;
  }

  // Waits behind a section across the flow at the current state; the time until the first crossing
  // that is near enough.
  std::optional<double> wait_for_return(double until) {
    const Vector origin = stepper_.state();
    const Vector normal = sense_ * dynamics::evaluate_at(flow_, origin, input_);
    const double begin = stepper_.time();
    section_ = origin;
    double turn = 0;
    const auto height = [&](const Vector& state) { return normal.dot(state - origin); };
    double last = 0;
    while (stepper_.time() < std::min(until, options_.max_time)) {
      if (is_over()) ended_ = End::undecided;
      if (!ended_ && !advance()) ended_ = End::escaped;
      if (!ended_ && is_at_rest()) ended_ = End::at_rest;
      if (ended_) return std::nullopt;
      turn = std::max(turn, (stepper_.state() - origin).norm());
      const double now = height(stepper_.state());
      if (last < 0 && now >= 0) {
        double low = stepper_.previous_time(), high = stepper_.time();
        for (int i = 0; i < 60; ++i) {
          const double middle = (low + high) / 2;
          (height(stepper_.at(middle)) < 0 ? low : high) = middle;
        }
        const double gap = (stepper_.at(high) - origin).norm();
        if (gap <= kReturn * turn && turn >= kSmallestTurn * size_) return high - begin;
      }
      last = now;
    }
    return std::nullopt;
  }

  std::optional<Cycle> solve_turn(double period) const {
    const Vector times = Vector::LinSpaced(kTurnSamples + 1, 0, period).head(kTurnSamples);
    Matrix turn = dynamics::integrate(flow_, input_, section_, times, options_.tolerance, sense_);
    if (!turn.allFinite()) return std::nullopt;
    if (sense_ < 0) turn = turn.colwise().reverse().eval();
    return solve_cycle(flow_, input_, profile_of(times, turn, period, kFirstIntervals));
  }

  const dynamics::System& flow_;
  const Vector input_, center_;
  const double size_;
  const FindOptions& options_;
  const int sense_;
  StopRequest& stop_;
  int n_steps_ = 0;
  bool is_stopped_ = false;
  dynamics::FlowStepper stepper_;
  Vector section_;
  std::optional<End> ended_;
};

void check(const dynamics::System& flow, const dynamics::Box& box, const FindOptions& options) {
  if (flow.time() != dynamics::Time::continuous)
    throw InvalidInput("time: found a map, expected a flow; cycles of maps are periodic orbits");
  if (box.lower.size() != flow.n_states() || box.upper.size() != flow.n_states())
    throw InvalidInput(
        fmt::format("box: found {} coordinates, expected {}", box.lower.size(), flow.n_states()));
  if (options.n_starts < 1 || options.n_starts > 1000000)
    throw InvalidInput(fmt::format("n_starts: found {}, expected 1 to 1000000", options.n_starts));
  if (!(options.max_time > 0 && std::isfinite(options.max_time)))
    throw InvalidInput(
        fmt::format("max_time: found {}, expected a positive number", options.max_time));
  if (!(options.tolerance >= 1e-13 && options.tolerance <= 1e-3))
    throw InvalidInput(
        fmt::format("tolerance: found {}, expected 1e-13 to 1e-3", options.tolerance));
}

void count(End end, CycleSet& set) {
  switch (end) {
    case End::at_rest:
      ++set.n_at_rest;
      break;
    case End::on_cycle:
      ++set.n_on_cycles;
      break;
    case End::met_cycle:
      ++set.n_met_cycles;
      break;
    case End::escaped:
      ++set.n_escaped;
      break;
    case End::undecided:
      ++set.n_undecided;
      break;
  }
}

}  // namespace

std::optional<Cycle> cycle_near(const dynamics::System& flow, ConstVectorRef input,
                                const dynamics::Box& box, ConstVectorRef start,
                                const FindOptions& options, const Progress& progress) {
  check(flow, box, options);
  StopRequest stop(progress);
  return Pursuit(flow, input, box, options, 1, stop).run(start).cycle;
}

bool is_same(const Cycle& a, const Cycle& b) {
  constexpr double kTolerance = 1e-6, kLargest = 1e-2;
  constexpr double kErrors = 3;  // of both, where their meshes do not resolve them
  const double errors = kErrors * (a.period_error + b.period_error);
  const double tolerance =
      std::isfinite(errors) ? std::clamp(errors, kTolerance, kLargest) : kTolerance;
  const double size = (a.maximum - a.minimum).maxCoeff();
  return std::abs(a.period - b.period) <= tolerance * a.period &&
         (a.minimum - b.minimum).cwiseAbs().maxCoeff() <= tolerance * size &&
         (a.maximum - b.maximum).cwiseAbs().maxCoeff() <= tolerance * size;
}

CycleSet find_cycles(const dynamics::System& flow, ConstVectorRef input, const dynamics::Box& box,
                     const FindOptions& options, const Progress& progress) {
  check(flow, box, options);
  CycleSet set;
  set.n_states = flow.n_states();
  StopRequest stop(progress);
  constexpr int kRound = 16;
  for (int first = 0; first < options.n_starts; first += kRound) {
    const int n = std::min(kRound, options.n_starts - first);
    std::vector<Outcome> outcomes(static_cast<std::size_t>(2 * n));
    parallel_for(outcomes.size(), [&](std::size_t i) {
      const auto number = static_cast<std::uint64_t>(first) + i / 2;
      Rng rng(options.seed, Purpose::analysis_data, number);
      Vector start(flow.n_states());
      for (Index j = 0; j < start.size(); ++j) start(j) = rng.uniform(box.lower(j), box.upper(j));
      outcomes[i] = Pursuit(flow, input, box, options, i % 2 == 0 ? 1 : -1, stop).run(start);
    });
    for (Outcome& outcome : outcomes) {
      count(outcome.end, set);
      if (outcome.cycle &&
          std::none_of(set.cycles.begin(), set.cycles.end(),
                       [&](const Cycle& known) { return is_same(known, *outcome.cycle); }))
        set.cycles.push_back(std::move(*outcome.cycle));
    }
    stop.set({static_cast<double>(first + n), static_cast<double>(options.n_starts),
              fmt::format("{} cycles", set.cycles.size())});
    if (stop.is_made()) break;
  }
  std::sort(set.cycles.begin(), set.cycles.end(),
            [](const Cycle& a, const Cycle& b) { return a.period < b.period; });
  return set;
}

}  // namespace nullcline::cycles
