// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/internal/flow_cycles.hpp"

#include <algorithm>
#include <optional>

#include "nullcline/cycles/find.hpp"

namespace nullcline::topology::internal {

namespace {

constexpr Index kMostStatesSearched = 16;  // from random starts
constexpr double kNeutral = 1e-6;          // a multiplier this near 1
constexpr Index kMostStatesSolved = 64;    // by collocation, whose cost grows with their cube

std::optional<dynamics::Box> box_of(const dynamics::System& flow) {
  auto box = flow.trapping_box();
  return box ? box : flow.search_box();
}

dynamics::Box box_around(const std::vector<Vector>& states) {
  dynamics::Box box{states.front().array() - 1, states.front().array() + 1};
  for (const Vector& state : states) {
    box.lower = box.lower.cwiseMin((state.array() - 1).matrix());
    box.upper = box.upper.cwiseMax((state.array() + 1).matrix());
  }
  return box;
}

// One of a family of cycles, as around a center, is no node of its own.
bool is_isolated(const cycles::Cycle& cycle) {
  return ((cycle.multipliers.cwiseAbs().array() - 1).abs() > kNeutral).all();
}

}  // namespace

FlowCycles::FlowCycles(const dynamics::System& flow, ConstVectorRef input, double max_time,
                       const GraphOptions& options, const Progress& progress)
    : flow_(flow), input_(input), max_time_(max_time), progress_(progress) {
  const auto box = box_of(flow);
  if (!box || options.n_cycle_starts == 0 || flow.n_states() < 2 ||
      flow.n_states() > kMostStatesSearched)
    return;
  cycles::FindOptions find;
  find.n_starts = options.n_cycle_starts;
  find.max_time = max_time;
  find.seed = options.seed;
  for (cycles::Cycle& cycle : find_cycles(flow, input_, *box, find, progress).cycles)
    if (is_isolated(cycle)) cycles_.push_back(std::move(cycle));
}

bool FlowCycles::add(cycles::Cycle cycle) {
  if (!is_isolated(cycle) ||
      std::any_of(cycles_.begin(), cycles_.end(),
                  [&](const cycles::Cycle& known) { return is_same(known, cycle); }))
    return false;
  cycles_.push_back(std::move(cycle));
  std::sort(cycles_.begin(), cycles_.end(),
            [](const auto& a, const auto& b) { return a.period < b.period; });
  return true;
}

bool FlowCycles::add_near(const std::vector<Vector>& ends) {
  if (ends.empty() || flow_.n_states() < 2 || flow_.n_states() > kMostStatesSolved) return false;
  const auto known_box = box_of(flow_);
  const dynamics::Box box = known_box ? *known_box : box_around(ends);
  cycles::FindOptions find;
  find.max_time = max_time_;
  bool is_new = false;
  for (const Vector& end : ends)
    if (auto cycle = cycle_near(flow_, input_, box, end, find, progress_))
      is_new = add(std::move(*cycle)) || is_new;
  return is_new;
}

}  // namespace nullcline::topology::internal
