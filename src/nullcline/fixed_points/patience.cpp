// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/patience.hpp"

#include <algorithm>
#include <limits>

namespace nullcline::fixed_points {

namespace {
constexpr int kLeast = 8;   // Newton needs some steps to converge from anywhere
constexpr int kMargin = 2;  // for what was not observed
}  // namespace

Patience::Patience(int first_limit)
    : first_limit_(first_limit), converged_(static_cast<std::size_t>(first_limit) + 1, 0) {}

void Patience::observe(int steps, bool converged) {
  ++n_starts_;
  if (converged) ++converged_[static_cast<std::size_t>(std::clamp(steps, 0, first_limit_))];
}

int Patience::limit() const { return best().limit; }

double Patience::yield() const { return best().yield; }

Patience::Best Patience::best() const {
  if (n_starts_ == 0) return {first_limit_, 0};
  int best = kLeast;
  double best_cost = std::numeric_limits<double>::infinity();
  std::int64_t n_converged = 0, steps_converged = 0;
  for (int limit = 0; limit <= first_limit_; ++limit) {
    const std::int64_t here = converged_[static_cast<std::size_t>(limit)];
    n_converged += here;
    steps_converged += limit * here;
    if (here == 0) continue;
    const auto steps = static_cast<double>(steps_converged + limit * (n_starts_ - n_converged));
    const double cost = steps / static_cast<double>(n_converged);
    if (cost >= best_cost) continue;
    best_cost = cost;
    best = limit + kMargin;
  }
  return {std::min(std::max(best, kLeast), first_limit_), 1 / std::max(best_cost, 1.0)};
}

}  // namespace nullcline::fixed_points
