// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/descent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/fixed_points/internal/speed.hpp"
#include "nullcline/fixed_points/levenberg_marquardt.hpp"

namespace nullcline::fixed_points {

namespace {

using internal::Speed;

template <class Value>
void require(bool ok, const char* name, Value found, const char* expected) {
  if (!ok) throw InvalidInput(fmt::format("{}: found {}, expected {}", name, found, expected));
}

void check(const dynamics::System& map, ConstMatrixRef states,
           const std::vector<double>& tolerances, const DescentOptions& options) {
  if (map.time() != dynamics::Time::discrete)
    throw InvalidInput("system: found a flow, expected a map");
  require(states.rows() > 0, "states", states.rows(), "at least one visited state");
  require(states.cols() == map.n_states(), "states", states.cols(), "one value per state variable");
  require(options.learning_rate > 0 && std::isfinite(options.learning_rate), "learning_rate",
          options.learning_rate, "a finite value above 0");
  require(options.decay > 0 && options.decay <= 1, "decay", options.decay, "a value in (0, 1]");
  require(options.max_steps >= 1, "max_steps", options.max_steps, "at least 1");
  require(options.max_states >= 1, "max_states", options.max_states, "at least 1");
  for (const double tolerance : tolerances)
    require(tolerance > 0 && std::isfinite(tolerance), "tolerance", tolerance,
            "a finite value above 0");
}

Matrix evenly_taken(ConstMatrixRef rows, Index n) {
  if (rows.rows() <= n) return rows;
  Matrix taken(n, rows.cols());
  for (Index i = 0; i < n; ++i) taken.row(i) = rows.row(i * rows.rows() / n);
  return taken;
}

class Adam {
 public:
  Adam(const DescentOptions& options, Index rows, Index columns)
      : options_(options),
        mean_(Matrix::Zero(rows, columns)),
        square_(Matrix::Zero(rows, columns)) {}

  void step(int number, const Matrix& gradient, Matrix& states) {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
    mean_ = kBeta1 * mean_ + (1 - kBeta1) * gradient;
    square_ = kBeta2 * square_ + (1 - kBeta2) * gradient.cwiseAbs2();
    const double share = static_cast<double>(number) / options_.max_steps;
    const double rate = options_.learning_rate * std::pow(options_.decay, share) /
                        (1 - std::pow(kBeta1, number + 1));
    const double correction = 1 / std::sqrt(1 - std::pow(kBeta2, number + 1));
    states.array() -= rate * mean_.array() / (square_.array().sqrt() * correction + kEpsilon);
  }

 private:
  const DescentOptions& options_;
  Matrix mean_, square_;
};

// The states whose speed is below the tolerance.
Matrix slow_ones(const Matrix& states, const Vector& speeds, double tolerance) {
  Matrix kept(states.rows(), states.cols());
  Index n = 0;
  for (Index i = 0; i < states.rows(); ++i)
    if (speeds(i) < tolerance) kept.row(n++) = states.row(i);
  kept.conservativeResize(n, Eigen::NoChange);
  return kept;
}

}  // namespace

std::vector<DescentStage> descend_speed(const dynamics::System& map, ConstVectorRef input,
                                        ConstMatrixRef visited, std::vector<double> tolerances,
                                        const DescentOptions& options, const Progress& progress) {
  check(map, visited, tolerances, options);
  std::sort(tolerances.rbegin(), tolerances.rend());
  Matrix states = evenly_taken(visited, options.max_states);
  Speed speed(map, input, states.rows());
  Adam adam(options, states.rows(), states.cols());
  std::vector<DescentStage> stages;
  const auto keep = [&](const Vector& speeds, int step) {
    while (stages.size() < tolerances.size() && speeds.mean() < tolerances[stages.size()])
      stages.push_back({tolerances[stages.size()], speeds.mean(), step, true, true, states});
  };
  int step = 0;
  for (; step < options.max_steps && stages.size() < tolerances.size(); ++step) {
    keep(speed.of(states), step);
    speed.differentiate(states);
    adam.step(step, speed.gradient(), states);
    if (step % 50 == 0 && !report_progress(progress, {static_cast<double>(step),
                                                      static_cast<double>(options.max_steps), ""}))
      return stages;
  }
  if (stages.size() == tolerances.size()) return stages;
  constexpr int kMaxLevenbergMarquardt = 500;
  states = solve_levenberg_marquardt(speed.equation(), states, UniquenessBoxes(states.cols()),
                                     kMaxLevenbergMarquardt)
               .points;
  const Vector speeds = speed.of(states);
  while (stages.size() < tolerances.size()) {
    const double tolerance = tolerances[stages.size()];
    DescentStage stage{tolerance, 0, step, false, false, slow_ones(states, speeds, tolerance)};
    stage.reached = stage.states.rows() > 0;
    if (stage.reached) {
      Speed kept(map, input, stage.states.rows());
      stage.mean_speed = kept.of(stage.states).mean();
    }
    stages.push_back(std::move(stage));
  }
  return stages;
}

}  // namespace nullcline::fixed_points
