// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/internal/trapping.hpp"

#include <algorithm>

namespace nullcline::fixed_points::internal {

namespace {

using numerics::Interval;
using Intervals = std::vector<Interval>;

constexpr int kMostParts = 20000;

// Whether every part of the region passes, after halving those that do not.
template <class Passes>
bool all_pass(const Intervals& region, Passes&& passes) {
  constexpr double kSmallest = 1e-9;  // of the width of the region
  std::vector<Intervals> stack{region};
  for (int n_parts = 0; !stack.empty(); ++n_parts) {
    if (n_parts == kMostParts) return false;
    Intervals part = std::move(stack.back());
    stack.pop_back();
    if (passes(part)) continue;
    std::size_t widest = 0;
    double share = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const double whole = region[i].upper() - region[i].lower();
      const double own = whole > 0 ? (part[i].upper() - part[i].lower()) / whole : 0;
      if (own > share) {
        share = own;
        widest = i;
      }
    }
    if (share < kSmallest) return false;
    const Interval x = part[widest];
    part[widest] = Interval(x.lower(), x.midpoint());
    stack.push_back(part);
    part[widest] = Interval(x.midpoint(), x.upper());
    stack.push_back(std::move(part));
  }
  return true;
}

}  // namespace

bool is_trapping(const dynamics::System& system, ConstVectorRef input, const dynamics::Box& box) {
  const dynamics::IntervalExtension* intervals = system.intervals();
  if (intervals == nullptr) return false;
  Intervals region, values(static_cast<std::size_t>(box.lower.size()));
  for (Index i = 0; i < box.lower.size(); ++i) region.emplace_back(box.lower(i), box.upper(i));
  const std::size_t n = region.size();
  if (system.time() == dynamics::Time::discrete)
    return all_pass(region, [&](const Intervals& part) {
      intervals->evaluate(part, input, values);
      for (std::size_t i = 0; i < n; ++i)
        if (!region[i].contains_in_interior(values[i])) return false;
      return true;
    });
  for (std::size_t i = 0; i < n; ++i)
    for (const bool is_lower : {true, false}) {
      Intervals face = region;
      face[i] = Interval(is_lower ? region[i].lower() : region[i].upper());
      const bool is_inwards = all_pass(face, [&](const Intervals& part) {
        intervals->evaluate(part, input, values);
        return is_lower ? values[i].lower() > 0 : values[i].upper() < 0;
      });
      if (!is_inwards) return false;
    }
  return true;
}

}  // namespace nullcline::fixed_points::internal
