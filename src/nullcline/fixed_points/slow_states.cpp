// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/slow_states.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/internal/speed.hpp"

namespace nullcline::fixed_points {

namespace {

constexpr double kFirstStep = 0.1, kLargestStep = 1, kSmallestStep = 1e-12;
constexpr double kGrowth = 1.2, kShrinkage = 0.5;

void check(const dynamics::System& map, ConstMatrixRef starts, double tolerance, int max_steps) {
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("system: found a flow, expected a map");
  if (starts.cols() != map.n_states())
    throw InvalidInput(fmt::format("starts: found {} columns, expected {}, one per state variable",
                                   starts.cols(), map.n_states()));
  if (!(tolerance > 0 && std::isfinite(tolerance)))
    throw InvalidInput(
        fmt::format("tolerance: found {:g}, expected a finite value above 0", tolerance));
  if (max_steps < 0)
    throw InvalidInput(fmt::format("max_steps: found {}, expected at least 0", max_steps));
}

// The states that still descend, and those that are done.
class Descent {
 public:
  Descent(const dynamics::System& map, ConstVectorRef input, ConstMatrixRef starts,
          double tolerance)
      : tolerance_(tolerance),
        speed_(map, input, starts.rows()),
        trials_(map, input, starts.rows()),
        states_(starts),
        ends_(starts),
        end_speeds_(Vector::Constant(starts.rows(), std::numeric_limits<double>::infinity())),
        steps_(static_cast<std::size_t>(starts.rows()), kFirstStep) {
    for (Index i = 0; i < starts.rows(); ++i) starts_.push_back(i);
    drop_done(speed_.of(states_));
  }

  bool is_done() const { return starts_.empty(); }

  void advance() {
    speeds_ = speed_.of(states_);
    speed_.differentiate(states_);
    Matrix next = states_;
    for (Index i = 0; i < next.rows(); ++i)
      next.row(i) -= steps_[index(i)] * speed_.gradient().row(i);
    Vector speeds = trials_.of(next);
    for (Index i = 0; i < next.rows(); ++i) {
      double& step = steps_[index(i)];
      if (speeds(i) < speeds_(i)) {
        states_.row(i) = next.row(i);
        step = std::min(step * kGrowth, kLargestStep);
      } else {
        speeds(i) = speeds_(i);
        step *= kShrinkage;
      }
    }
    drop_done(speeds);
  }

  SlowStates result() const {
    SlowStates found;
    Index n = 0;
    found.states.resize(ends_.rows(), ends_.cols());
    found.speeds.resize(ends_.rows());
    for (Index i = 0; i < ends_.rows(); ++i) {
      if (!(end_speeds_(i) < tolerance_)) continue;
      found.states.row(n) = ends_.row(i);
      found.speeds(n++) = end_speeds_(i);
      found.starts.push_back(i);
    }
    found.states.conservativeResize(n, Eigen::NoChange);
    found.speeds.conservativeResize(n);
    return found;
  }

 private:
  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }

  // What is slow enough is kept; what cannot descend, at a minimum of q or not finite, is left.
  void drop_done(const Vector& speeds) {
    Index kept = 0;
    for (Index i = 0; i < states_.rows(); ++i) {
      const Index start = starts_[index(i)];
      const bool is_slow = speeds(i) < tolerance_;
      if (is_slow) {
        ends_.row(start) = states_.row(i);
        end_speeds_(start) = speeds(i);
      }
      if (is_slow || !std::isfinite(speeds(i)) || steps_[index(i)] < kSmallestStep) continue;
      states_.row(kept) = states_.row(i).eval();
      starts_[index(kept)] = start;
      steps_[index(kept++)] = steps_[index(i)];
    }
    states_.conservativeResize(kept, Eigen::NoChange);
    starts_.resize(index(kept));
    steps_.resize(index(kept));
  }

  const double tolerance_;
  internal::Speed speed_, trials_;
  Matrix states_, ends_;
  Vector speeds_, end_speeds_;
  std::vector<Index> starts_;  // of each row of states_
  std::vector<double> steps_;
};

}  // namespace

SlowStates find_slow_states(const dynamics::System& map, ConstVectorRef input,
                            ConstMatrixRef starts, double tolerance, int max_steps,
                            const Progress& progress) {
  check(map, starts, tolerance, max_steps);
  Descent descent(map, input, starts, tolerance);
  bool interrupted = false;
  for (int step = 0; step < max_steps && !descent.is_done() && !interrupted; ++step) {
    descent.advance();
    interrupted =
        step % 50 == 0 &&
        !report_progress(progress, {static_cast<double>(step), static_cast<double>(max_steps), ""});
  }
  SlowStates found = descent.result();
  found.interrupted = interrupted;
  return found;
}

}  // namespace nullcline::fixed_points
