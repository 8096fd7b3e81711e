// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/cycles/born.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace nullcline::cycles {

namespace {

using continuation::Event;
using continuation::EventType;
using continuation::Family;

constexpr Index kMostStates = 16;    // of automatic: each step costs their cube
constexpr double kSamePoint = 1e-6;  // two Hopf points, relative
// Of the first cycle. The smaller it is the less Newton's method tells it from its equilibrium;
// the larger, the farther it is from the ellipse of the linearized flow.
constexpr double kAmplitudes[] = {1e-3, 1e-2, 1e-4};

bool is_near(double parameter, const Vector& state, const Event& hopf) {
  return std::abs(parameter - hopf.parameters(0)) <= kSamePoint * (1 + std::abs(parameter)) &&
         (state - hopf.state).norm() <= kSamePoint * (1 + state.norm());
}

bool is_at(const Event& hopf, BranchEnd end, const Limit& limit) {
  return end == BranchEnd::hopf && is_near(limit.parameter, limit.equilibrium, hopf);
}

std::optional<CycleBranch> branch_of(const Family& family, const Event& hopf, double from,
                                     double to, const BranchOptions& options,
                                     const std::function<bool()>& is_stopped) {
  const double low = std::min(from, to), high = std::max(from, to);
  for (const double amplitude : kAmplitudes) {
    const auto born = cycle_at_hopf(family, hopf.state, hopf.parameters(0),
                                    amplitude * (1 + hopf.state.lpNorm<Eigen::Infinity>()));
    if (!born || born->parameter < low || born->parameter > high) continue;
    if (auto branch =
            try_continue_cycle(family, born->cycle, born->parameter, from, to, options, is_stopped))
      return branch;
  }
  return std::nullopt;
}

std::vector<Event> hopf_points(const continuation::Continuation& found) {
  std::vector<Event> points;
  for (const continuation::Branch& branch : found.branches)
    for (const Event& event : branch.events)
      if (event.type == EventType::hopf &&
          std::none_of(points.begin(), points.end(), [&](const Event& known) {
            return is_near(known.parameters(0), known.state, event);
          }))
        points.push_back(event);
  return points;
}

}  // namespace

BornBranches continue_born_cycles(const dynamics::System& system,
                                  const continuation::Continuation& found,
                                  const BornOptions& options, const Progress& progress) {
  BornBranches result;
  if (system.time() != dynamics::Time::continuous || options.cycles == FollowCycles::never)
    return result;
  const std::vector<Event> points = hopf_points(found);
  if (points.empty()) return result;
  if (options.cycles == FollowCycles::automatic && system.n_states() > kMostStates) {
    result.warnings.push_back(
        fmt::format("the cycles of {} Hopf point{} in {} states were not followed: cycles = always "
                    "does it",
                    points.size(), points.size() == 1 ? "" : "s", system.n_states()));
    return result;
  }
  const std::string& name = found.parameters.at(0);
  const Family family(system, found.input, {name});
  bool stopped = false;
  for (const Event& hopf : points) {
    const std::string place = fmt::format("hopf at {} = {:.10g}", name, hopf.parameters(0));
    int n_steps = 0;
    const auto is_stopped = [&] {
      stopped =
          stopped ||
          !report_progress(
              progress,
              {0, 0, fmt::format("following the cycles of the {}: step {}", place, ++n_steps)});
      return stopped;
    };
    const bool is_known =
        std::any_of(result.branches.begin(), result.branches.end(), [&](const CycleBranch& branch) {
          return is_at(hopf, branch.begin, branch.begin_limit) ||
                 is_at(hopf, branch.end, branch.end_limit);
        });
    if (is_known || is_stopped()) continue;
    auto traced = branch_of(family, hopf, found.intervals(0, 0), found.intervals(0, 1),
                            options.branch, is_stopped);
    if (!traced) {
      result.warnings.push_back("the cycles of the " + place + " could not be followed");
      continue;
    }
    traced->origin = place;
    result.branches.push_back(std::move(*traced));
  }
  return result;
}

}  // namespace nullcline::cycles
