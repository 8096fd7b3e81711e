// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/internal/follow.hpp"

#include <cmath>

namespace nullcline::orbits::internal {

namespace {

constexpr double kDivergence = 1e10;

// Most states differ in their first entry already: that is what makes the test cheap.
bool is_near(const double* a, const double* b, Index n, double tolerance) {
  for (Index i = 0; i < n; ++i)
    if (!(std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(a[i])))) return false;
  return true;
}

bool is_bounded(const double* state, Index n) {
  for (Index i = 0; i < n; ++i)
    if (!(std::abs(state[i]) < kDivergence)) return false;
  return true;
}

}  // namespace

std::vector<Followed> follow(const dynamics::System& map, const Matrix& input,
                             ConstMatrixRef starts, int max_steps, double tolerance) {
  const Index n = starts.cols();
  Index n_active = starts.rows();
  std::vector<Followed> ends(static_cast<std::size_t>(n_active));
  Matrix current = starts, next(n_active, n), anchor = starts;
  std::vector<std::size_t> ids;
  for (std::size_t i = 0; i < ends.size(); ++i) ids.push_back(i);
  int anchor_step = 0;
  for (int step = 1; step <= max_steps && n_active > 0; ++step) {
    map.evaluate(current.topRows(n_active), input, next.topRows(n_active));
    Index kept = 0;
    for (Index row = 0; row < n_active; ++row) {
      const double* state = &next(row, 0);
      Event event = Event::none;
      if (!is_bounded(state, n))
        event = Event::diverged;
      else if (is_near(state, &current(row, 0), n, tolerance))
        event = Event::at_rest;
      else if (is_near(state, &anchor(row, 0), n, tolerance))
        event = Event::recurred;
      const std::size_t id = ids[static_cast<std::size_t>(row)];
      if (event != Event::none) {
        ends[id] = {next.row(row).transpose(), event,
                    event == Event::recurred ? step - anchor_step : 0, step};
        continue;
      }
      if (kept != row) {
        next.row(kept) = next.row(row);
        anchor.row(kept) = anchor.row(row);
      }
      ids[static_cast<std::size_t>(kept++)] = id;
    }
    n_active = kept;
    current.swap(next);
    if (step >= 2 * anchor_step) {  // steps 1, 2, 4, 8, ...
      anchor.topRows(n_active) = current.topRows(n_active);
      anchor_step = step;
    }
  }
  for (Index row = 0; row < n_active; ++row)
    ends[ids[static_cast<std::size_t>(row)]] = {current.row(row).transpose(), Event::none, 0,
                                                max_steps};
  return ends;
}

}  // namespace nullcline::orbits::internal
