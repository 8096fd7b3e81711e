// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/starts.hpp"

#include <cmath>
#include <vector>

namespace nullcline::fixed_points {

namespace {

constexpr double kPathScale = 3;
constexpr double kEnlargement = 1.5;
// Streams of their own for what is not a counted start.
constexpr std::uint64_t kPathStream = std::uint64_t{1} << 40;
constexpr std::uint64_t kTrajectoryStream = std::uint64_t{1} << 41;

// A random convex mixture of 2 to 4 rows.
void mix(ConstMatrixRef rows, Rng& rng, VectorRef out) {
  const auto n_parts = 2 + rng.below(3);
  double total = 0;
  out.setZero();
  for (std::uint64_t part = 0; part < n_parts; ++part) {
    const double weight = -std::log(1 - rng.uniform());
    const auto row = static_cast<Index>(rng.below(static_cast<std::uint64_t>(rows.rows())));
    out += weight * rows.row(row).transpose();
    total += weight;
  }
  if (total > 0) out /= total;
}

// One step of a map, or one Runge-Kutta step of a flow over a fraction of its fastest time.
Vector advance(const dynamics::System& system, const Vector& state, const Vector& input) {
  if (system.time() == dynamics::Time::discrete) return evaluate_at(system, state, input);
  const double rate = jacobian_at(system, state, input).cwiseAbs().rowwise().sum().maxCoeff();
  const double dt = 0.5 / std::max(rate, 1e-3);
  const Vector k1 = evaluate_at(system, state, input);
  const Vector k2 = evaluate_at(system, state + dt / 2 * k1, input);
  const Vector k3 = evaluate_at(system, state + dt / 2 * k2, input);
  const Vector k4 = evaluate_at(system, state + dt * k3, input);
  return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

}  // namespace

Starts::Starts(const dynamics::System& system, const Equation& equation, ConstMatrixRef visited,
               std::uint64_t seed)
    : seed_(seed) {
  if (visited.rows() > 0)
    visited_ = equation.restrict_states(visited);
  else
    visit_from_random_starts(system, equation);
  set_region(equation);
}

// Early states of trajectories are kept on purpose: they are the ones away from the attractors.
void Starts::visit_from_random_starts(const dynamics::System& system, const Equation& equation) {
  constexpr std::uint64_t kTrajectories = 32;
  constexpr int kSteps = 32;
  constexpr double kEscape = 1e6;
  const std::optional<dynamics::Box> search_box = system.search_box();
  std::vector<Vector> states;
  for (std::uint64_t trajectory = 0; trajectory < kTrajectories; ++trajectory) {
    Rng rng(seed_, Purpose::fixed_point_starts, kTrajectoryStream + trajectory);
    Vector state(system.n_states());
    // The scale of a system without a box is not known: try several.
    const double scale = equation.box() ? 1 : std::pow(10.0, rng.uniform(-1, 1.5));
    for (Index i = 0; i < state.size(); ++i)
      state(i) = search_box ? rng.uniform(search_box->lower(i), search_box->upper(i))
                            : scale * rng.normal();
    for (int step = 0; step <= kSteps; ++step) {
      if (!state.allFinite() || state.cwiseAbs().maxCoeff() > kEscape) break;
      states.push_back(state);
      state = advance(system, state, equation.input());
    }
  }
  Matrix all(static_cast<Index>(states.size()), system.n_states());
  for (std::size_t i = 0; i < states.size(); ++i)
    all.row(static_cast<Index>(i)) = states[i].transpose();
  visited_ = equation.restrict_states(all);
}

void Starts::set_region(const Equation& equation) {
  if (equation.box()) {
    lower_ = equation.box()->lower;
    upper_ = equation.box()->upper;
    return;
  }
  const Vector low = visited_.colwise().minCoeff().transpose();
  const Vector high = visited_.colwise().maxCoeff().transpose();
  const Vector middle = (low + high) / 2;
  const double widest = (high - low).maxCoeff();
  // A coordinate that never varied still gets a share of the widest one.
  const Vector half = (kEnlargement * (high - low) / 2).cwiseMax(0.05 * widest + 1e-3);
  lower_ = middle - half;
  upper_ = middle + half;
}

Matrix Starts::thinned(Index n) const {
  const Index count = std::min(n, visited_.rows());
  Matrix result(count, visited_.cols());
  for (Index i = 0; i < count; ++i) result.row(i) = visited_.row(i * visited_.rows() / count);
  return result;
}

void Starts::draw(std::int64_t number, ConstMatrixRef known, VectorRef out) const {
  Rng rng(seed_, Purpose::fixed_point_starts, static_cast<std::uint64_t>(number));
  const double sampler = rng.uniform();
  if (sampler < 0.4) {
    mix(visited_, rng, out);
  } else if (sampler < 0.65) {
    for (Index i = 0; i < out.size(); ++i) out(i) = rng.uniform(lower_(i), upper_(i));
  } else if (sampler < 0.85) {
    mix(known.rows() >= 2 ? known : ConstMatrixRef(visited_), rng, out);
  } else {
    const auto row = rng.below(static_cast<std::uint64_t>(visited_.rows()));
    const double size = std::pow(10.0, rng.uniform(-1.5, 0)) / 2;
    for (Index i = 0; i < out.size(); ++i)
      out(i) =
          visited_(static_cast<Index>(row), i) + size * (upper_(i) - lower_(i)) / 2 * rng.normal();
  }
}

Vector Starts::path_start(std::int64_t number) const {
  Rng rng(seed_, Purpose::fixed_point_starts, kPathStream + static_cast<std::uint64_t>(number));
  Vector start(lower_.size());
  for (Index i = 0; i < start.size(); ++i)
    start(i) =
        (lower_(i) + upper_(i)) / 2 + kPathScale * (upper_(i) - lower_(i)) / 2 * rng.uniform(-1, 1);
  return start;
}

}  // namespace nullcline::fixed_points
