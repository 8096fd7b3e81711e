// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/paths.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "nullcline/dynamics/flow.hpp"
#include "nullcline/numerics/linear_algebra.hpp"
#include "nullcline/portrait/attractors.hpp"

namespace nullcline::portrait {

namespace {

using dynamics::System;

constexpr double kSpacing = 5e-3;  // of stored states, in diagonals of the box
constexpr double kArrival = 1e-3;  // distance from a point at which a path ends
constexpr double kFarAway = 3;     // sizes of the box
constexpr double kTurns = 3;       // on a cycle, before a path ends
constexpr int kNearSteps = 60;     // of a map along an orbit, before it is captured
constexpr Index kMostStates = 10000;

class Recorder {
 public:
  Recorder(ConstVectorRef start, bool is_stored) : is_stored_(is_stored) { add(0, start); }

  void add(double time, ConstVectorRef state) {
    if (!states_.empty()) length_ += (state - states_.back()).norm();
    if (!is_stored_ && states_.size() > 1) {
      times_.back() = time;
      states_.back() = state;
      return;
    }
    times_.push_back(time);
    states_.emplace_back(state);
  }
  double length() const { return length_; }
  const Vector& last() const { return states_.back(); }
  bool is_full() const { return static_cast<Index>(states_.size()) >= kMostStates; }

  Path path(End end, Index attractor, int sense) const {
    Path result;
    const auto n = static_cast<Index>(times_.size());
    result.times = sense * Eigen::Map<const Vector>(times_.data(), n);
    result.states.resize(n, states_.front().size());
    for (Index i = 0; i < n; ++i)
      result.states.row(i) = states_[static_cast<std::size_t>(i)].transpose();
    result.length = length_;
    result.end = end;
    result.attractor = attractor;
    return result;
  }

 private:
  bool is_stored_;
  std::vector<double> times_;
  std::vector<Vector> states_;
  double length_ = 0;
};

// What is left to do for a path that an attractor has captured.
class Capture {
 public:
  Capture(const std::vector<Attractor>& attractors, double size)
      : attractors_(attractors), size_(size) {}

  Index attractor() const { return captor_; }
  void look(ConstVectorRef before, ConstVectorRef after, double time) {
    const Index found = captured_by(attractors_, before, after);
    if (captor_ < 0) {
      captor_ = found;
      since_ = time;
    } else if (found == captor_ && attractors_[at()].kind == AttractorKind::cycle) {
      ++n_turns_;
    }
  }
  // Of a map: along a curve that is known by its samples.
  void look_along(ConstVectorRef state) {
    for (std::size_t i = 0; i < attractors_.size() && captor_ < 0; ++i) {
      const Attractor& a = attractors_[i];
      if (a.states.size() == 0) continue;
      near_.resize(attractors_.size(), 0);
      const double distance = (a.states.rowwise() - state.transpose()).rowwise().norm().minCoeff();
      near_[i] = distance <= a.radius ? near_[i] + 1 : 0;
      if (near_[i] >= kNearSteps) captor_ = static_cast<Index>(i);
    }
  }
  bool is_done(ConstVectorRef state) const {
    if (captor_ < 0) return false;
    const Attractor& a = attractors_[at()];
    if (a.kind == AttractorKind::cycle) return n_turns_ >= kTurns;
    if (a.kind == AttractorKind::orbit) return true;
    return (state - a.center).norm() <= kArrival * size_;
  }
  double since() const { return since_; }

 private:
  std::size_t at() const { return static_cast<std::size_t>(captor_); }
  const std::vector<Attractor>& attractors_;
  double size_, since_ = 0;
  Index captor_ = -1;
  int n_turns_ = 0;
  std::vector<int> near_;
};

// States between two steps, so that none is further than the spacing from the last.
void add_between(const dynamics::FlowStepper& stepper, double spacing, Recorder& recorder) {
  const double distance = (stepper.state() - recorder.last()).norm();
  const int n = static_cast<int>(std::min(200.0, std::ceil(distance / spacing)));
  const double begin = stepper.previous_time(), step = stepper.time() - begin;
  for (int i = 1; i < n; ++i) recorder.add(begin + i * step / n, stepper.at(begin + i * step / n));
  recorder.add(stepper.time(), stepper.state());
}

Path follow_flow(const System& flow, ConstVectorRef input, ConstVectorRef start,
                 const dynamics::Box& box, const std::vector<Attractor>& attractors, int sense,
                 const PathOptions& options) {
  const double size = (box.upper - box.lower).norm();
  dynamics::FlowStepper stepper(flow, input, options.tolerance, sense);
  Recorder recorder(start, options.is_stored);
  Capture capture(attractors, size);
  capture.look(start, start, 0);
  stepper.start(start);
  End end = End::max_time;
  for (int n_steps = 0; n_steps < options.max_steps && stepper.time() < options.max_time &&
                        !capture.is_done(recorder.last());
       ++n_steps) {
    if (!options.is_stored && capture.attractor() >= 0) break;
    const Vector before = stepper.state();
    if (!stepper.step()) {
      end = End::not_finite;
      break;
    }
    capture.look(before, stepper.state(), stepper.time());
    if (options.is_stored)
      add_between(stepper, kSpacing * size, recorder);
    else
      recorder.add(stepper.time(), stepper.state());
    if (has_left(box, stepper.state())) end = End::left_box;
    if (recorder.length() > options.max_length || recorder.is_full()) end = End::arclength;
    if (end != End::max_time) break;
  }
  const bool is_captured = capture.attractor() >= 0;
  if (is_captured) end = end_of(attractors[static_cast<std::size_t>(capture.attractor())]);
  return recorder.path(end, capture.attractor(), sense);
}

Path follow_map(const System& map, ConstVectorRef input, ConstVectorRef start,
                const dynamics::Box& box, const std::vector<Attractor>& attractors, int sense,
                const PathOptions& options) {
  Recorder recorder(start, options.is_stored);
  Capture capture(attractors, (box.upper - box.lower).norm());
  capture.look(start, start, 0);
  Vector state = start;
  End end = End::max_time;
  for (int step = 1; step <= options.max_time && !capture.is_done(state); ++step) {
    if (!options.is_stored && capture.attractor() >= 0) break;
    const Vector before = state;
    if (sense > 0) {
      state = dynamics::evaluate_at(map, before, input);
    } else if (const auto back = preimage(map, input, before, before)) {
      state = *back;
    } else {
      end = End::no_inverse;
      break;
    }
    if (!state.allFinite()) {
      end = End::not_finite;
      break;
    }
    recorder.add(step, state);
    capture.look(before, state, step);
    if (sense > 0) capture.look_along(state);
    if (has_left(box, state)) end = End::left_box;
    if (recorder.length() > options.max_length || recorder.is_full()) end = End::arclength;
    if (end != End::max_time) break;
  }
  if (capture.attractor() >= 0)
    end = end_of(attractors[static_cast<std::size_t>(capture.attractor())]);
  return recorder.path(end, capture.attractor(), sense);
}

}  // namespace

End end_of(const Attractor& attractor) {
  switch (attractor.kind) {
    case AttractorKind::point:
      return End::point;
    case AttractorKind::cycle:
      return End::cycle;
    case AttractorKind::orbit:
      return End::orbit;
  }
  return End::undecided;
}

bool has_left(const dynamics::Box& box, ConstVectorRef state) {
  const Vector margin = kFarAway * (box.upper - box.lower);
  return ((state - box.upper).array() > margin.array()).any() ||
         ((box.lower - state).array() > margin.array()).any();
}

std::optional<Vector> preimage(const System& map, ConstVectorRef input, ConstVectorRef image,
                               ConstVectorRef guess) {
  Vector state = guess;
  double last = (dynamics::evaluate_at(map, state, input) - image).norm();
  for (int i = 0; i < 50; ++i) {
    if (last <= 1e-14 * (1 + image.norm())) return state;
    Matrix jacobian = dynamics::jacobian_at(map, state, input);
    std::vector<int> pivots(static_cast<std::size_t>(state.size()));
    if (!numerics::lu_factor(jacobian, pivots)) return std::nullopt;
    Vector step = dynamics::evaluate_at(map, state, input) - image;
    numerics::lu_solve(jacobian, pivots, VectorRef(step));
    bool is_shorter = false;
    for (double share = 1; share > 1e-3 && !is_shorter; share /= 2) {
      const Vector next = state - share * step;
      const double now = (dynamics::evaluate_at(map, next, input) - image).norm();
      if (!(now < last)) continue;
      is_shorter = true;
      state = next;
      last = now;
    }
    if (!is_shorter) break;
  }
  if (last <= 1e-12 * (1 + image.norm())) return state;
  return std::nullopt;
}

Path follow(const System& system, ConstVectorRef input, ConstVectorRef start,
            const dynamics::Box& box, const std::vector<Attractor>& attractors, int sense,
            const PathOptions& options) {
  return system.time() == dynamics::Time::continuous
             ? follow_flow(system, input, start, box, attractors, sense, options)
             : follow_map(system, input, start, box, attractors, sense, options);
}

}  // namespace nullcline::portrait
