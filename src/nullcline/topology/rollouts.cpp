// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/topology/rollouts.hpp"

namespace nullcline::topology {

namespace {

constexpr double kDivergence = 1e10;

// The rollouts still under way, packed into the first rows so that batches stay dense.
struct Active {
  Matrix current, next, anchor;  // anchor: the state Brent's algorithm compares with
  std::vector<std::size_t> rollout;
  int anchor_step = 0;

  void keep(Index from, Index to) {
    if (from == to) return;
    next.row(to) = next.row(from);
    anchor.row(to) = anchor.row(from);
    rollout[static_cast<std::size_t>(to)] = rollout[static_cast<std::size_t>(from)];
  }
};

Fate fate_of(const Active& active, Index row, double tolerance) {
  const auto state = active.next.row(row);
  const double size = state.cwiseAbs().maxCoeff();
  if (!(size < kDivergence) || !state.allFinite()) return Fate::diverged;
  const double scale = tolerance * (1 + size);
  if ((state - active.current.row(row)).cwiseAbs().maxCoeff() < scale) return Fate::settled;
  if ((state - active.anchor.row(row)).cwiseAbs().maxCoeff() < scale) return Fate::cycle;
  return Fate::undecided;
}

}  // namespace

std::vector<RolloutEnd> roll_out(const dynamics::System& map, ConstVectorRef input,
                                 ConstMatrixRef starts, int max_steps, double tolerance) {
  std::vector<RolloutEnd> ends(static_cast<std::size_t>(starts.rows()));
  const Matrix held = input.transpose();
  Active active{starts, starts, starts, {}, 0};
  for (std::size_t i = 0; i < ends.size(); ++i) active.rollout.push_back(i);
  Index n_active = starts.rows();
  for (int step = 1; step <= max_steps && n_active > 0; ++step) {
    map.evaluate(active.current.topRows(n_active), held, active.next.topRows(n_active));
    Index kept = 0;
    for (Index row = 0; row < n_active; ++row) {
      const Fate fate = fate_of(active, row, tolerance);
      if (fate == Fate::undecided) {
        active.keep(row, kept++);
        continue;
      }
      RolloutEnd& end = ends[active.rollout[static_cast<std::size_t>(row)]];
      end = {active.next.row(row).transpose(), fate, step,
             fate == Fate::cycle ? step - active.anchor_step : 0};
    }
    n_active = kept;
    active.current.swap(active.next);
    if (step >= 2 * active.anchor_step) {  // move the anchor at steps 1, 2, 4, 8, ...
      active.anchor.topRows(n_active) = active.current.topRows(n_active);
      active.anchor_step = step;
    }
  }
  for (Index row = 0; row < n_active; ++row)
    ends[active.rollout[static_cast<std::size_t>(row)]] = {active.current.row(row).transpose(),
                                                           Fate::undecided, max_steps, 0};
  return ends;
}

}  // namespace nullcline::topology
