// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/portrait/internal/plane.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cmath>

#include "nullcline/core/error.hpp"
#include "nullcline/core/parallel.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/portrait/attractors.hpp"
#include "nullcline/portrait/paths.hpp"

namespace nullcline::portrait::internal {

namespace {

using dynamics::System;

constexpr double kBasinTolerance = 1e-7;
// Of the integrator, where a flow is stiff or circles for ever; fewer where nothing attracts, so
// that only what leaves the box soon is of interest.
constexpr int kBasinSteps = 20000, kEscapeSteps = 1500;
constexpr double kNoiseStep = 0.1;
constexpr int kSubsteps = 2;
constexpr Index kMostShown = 500;  // states of a member

Matrix grid_states(const Field& field) {
  const Index n = field.x.size();
  Matrix states(n * n, 2);
  for (Index row = 0; row < n; ++row)
    for (Index column = 0; column < n; ++column)
      states.row(row * n + column) << field.x(column), field.y(row);
  return states;
}

Matrix rates(const System& system, ConstMatrixRef states, const Matrix& input) {
  Matrix out(states.rows(), states.cols());
  system.evaluate(states, input, out);
  if (system.time() == dynamics::Time::discrete) out -= states;
  return out;
}

// A gate has stopped component i where its candidate is elsewhere and what is left of the rate is
// not more than the rounding of F - h.
void mark_stopped(const System& system, const Portrait& portrait, ConstMatrixRef states,
                  const Matrix& rate, const Matrix& input, Field& field) {
  field.stopped.assign(static_cast<std::size_t>(states.rows()), 0);
  if (!system.candidate()) return;
  const Matrix pull = rates(*system.candidate(), states, input);
  const Vector widths = portrait.box.upper - portrait.box.lower;
  for (Index row = 0; row < states.rows(); ++row)
    for (Index i = 0; i < 2; ++i) {
      const bool is_elsewhere = std::abs(pull(row, i)) > 1e-6 * widths(i);
      const double rounding =
          std::numeric_limits<double>::epsilon() *
          std::max(std::abs(states(row, i)), std::abs(states(row, i) + pull(row, i)));
      if (is_elsewhere && std::abs(rate(row, i)) <= rounding)
        field.stopped[static_cast<std::size_t>(row)] |= static_cast<std::uint8_t>(1U << i);
    }
}

// The first attractor of the same orbit.
Index first_of_kind(const std::vector<Attractor>& attractors, Index which) {
  const Attractor& a = attractors[static_cast<std::size_t>(which)];
  for (std::size_t i = 0; i < attractors.size(); ++i)
    if (attractors[i].kind == a.kind && attractors[i].number == a.number)
      return static_cast<Index>(i);
  return which;
}

std::int64_t basin_of(const System& system, const Portrait& portrait, ConstVectorRef start,
                      PathOptions options) {
  options.is_stored = false;
  const Path path =
      follow(system, portrait.input, start, portrait.box, portrait.attractors, 1, options);
  if (path.attractor >= 0) return first_of_kind(portrait.attractors, path.attractor);
  return path.end == End::left_box || path.end == End::not_finite ? -2 : -1;
}

// One step of length `step` of the classical Runge-Kutta method.
Vector runge_kutta(const System& flow, const Vector& h, ConstVectorRef input, double step) {
  const Vector a = dynamics::evaluate_at(flow, h, input);
  const Vector b = dynamics::evaluate_at(flow, h + step / 2 * a, input);
  const Vector c = dynamics::evaluate_at(flow, h + step / 2 * b, input);
  const Vector d = dynamics::evaluate_at(flow, h + step * c, input);
  return h + step / 6 * (a + 2 * b + 2 * c + d);
}

}  // namespace

Field make_field(const System& system, const Portrait& portrait, Index n) {
  Field field;
  field.x = Vector::LinSpaced(n, portrait.box.lower(0), portrait.box.upper(0));
  field.y = Vector::LinSpaced(n, portrait.box.lower(1), portrait.box.upper(1));
  const Matrix states = grid_states(field), input = portrait.input.transpose();
  const Matrix rate = rates(system, states, input);
  for (Index row = 0; row < rate.rows(); ++row)
    if (!rate.row(row).allFinite())
      throw InvalidInput(fmt::format(
          "box: the rate is not finite at {} = {:g}, {} = {:g}; expected a box in which it is",
          portrait.state_names[0], states(row, 0), portrait.state_names[1], states(row, 1)));
  field.rate_x = Eigen::Map<const Matrix, 0, Eigen::InnerStride<2>>(rate.data(), n, n,
                                                                    Eigen::InnerStride<2>());
  field.rate_y = Matrix(n, n);
  field.log_speed = Matrix(n, n);
  for (Index row = 0; row < n * n; ++row) {
    field.rate_x(row / n, row % n) = rate(row, 0);
    field.rate_y(row / n, row % n) = rate(row, 1);
    field.log_speed(row / n, row % n) = std::log10(std::max(rate.row(row).norm(), 1e-300));
  }
  mark_stopped(system, portrait, states, rate, input, field);
  return field;
}

void find_basins(const System& system, const Portrait& portrait, const PortraitOptions& options,
                 Field& field, const Progress& progress) {
  const Index n = field.x.size();
  std::vector<std::int64_t> basins(static_cast<std::size_t>(n * n), -1);
  const PathOptions path{options.max_time, std::max(kBasinTolerance, options.tolerance),
                         portrait.attractors.empty() ? kEscapeSteps : kBasinSteps};
  constexpr Index kRowsAtOnce = 2;  // a request to stop is heard between them
  for (Index first = 0; first < n; first += kRowsAtOnce) {
    const Index n_rows = std::min(kRowsAtOnce, n - first);
    parallel_for(static_cast<std::size_t>(n_rows * n), [&](std::size_t i) {
      const Index row = first + static_cast<Index>(i) / n, column = static_cast<Index>(i) % n;
      basins[static_cast<std::size_t>(row * n + column)] =
          basin_of(system, portrait, Eigen::Vector2d(field.x(column), field.y(row)), path);
    });
    if (!report_progress(progress, {static_cast<double>(first + n_rows), static_cast<double>(n),
                                    "basins of attraction"}))
      return;
  }
  field.basins = std::move(basins);
}

Ensemble make_ensemble(const System& system, const Portrait& portrait, ConstVectorRef start,
                       const PortraitOptions& options) {
  const bool is_map = system.time() == dynamics::Time::discrete;
  Ensemble result;
  result.sigma = options.noise;
  result.step = is_map ? 1 : kNoiseStep;
  const auto n_steps = static_cast<Index>(std::ceil(options.noise_time / result.step));
  const Index every = std::max<Index>(1, n_steps / kMostShown), n_times = n_steps / every + 1;
  result.times =
      Vector::LinSpaced(n_times, 0, static_cast<double>((n_times - 1) * every) * result.step);
  const auto n_members = static_cast<std::size_t>(options.ensemble);
  result.states.resize(static_cast<Index>(n_members) * n_times, portrait.n_states());
  result.ends.assign(n_members, -1);
  const double scale = is_map ? options.noise : options.noise / std::sqrt(kNoiseStep);
  parallel_for(n_members, [&](std::size_t member) {
    Rng rng(options.seed, Purpose::perturbations, member);
    Vector state = start;
    const Index row = static_cast<Index>(member) * n_times;
    result.states.row(row) = state.transpose();
    for (Index k = 1; k < n_times * every; ++k) {
      if (k > (n_times - 1) * every) break;
      Vector input = portrait.input;
      for (Index j = 0; j < input.size(); ++j) input(j) += scale * rng.normal();
      if (is_map)
        state = dynamics::evaluate_at(system, state, input);
      else
        for (int i = 0; i < kSubsteps; ++i)
          state = runge_kutta(system, state, input, kNoiseStep / kSubsteps);
      if (k % every == 0) result.states.row(row + k / every) = state.transpose();
    }
    if (state.allFinite())
      result.ends[member] =
          basin_of(system, portrait, state, {options.max_time, options.tolerance, kBasinSteps});
  });
  return result;
}

}  // namespace nullcline::portrait::internal
