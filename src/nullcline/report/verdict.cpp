// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/report/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace nullcline::report {
namespace {

using fixed_points::Completeness;
using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;

std::string plural(Index n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// "a", "a and b", "a, b and c"
std::string enumeration(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return text;
}

// With a true minus sign: the sentence is read, not parsed.
std::string signed_number(int n) {
  return n > 0 ? fmt::format("+{}", n) : n < 0 ? fmt::format("\u2212{}", -n) : "0";
}

Index count(const FixedPointSet& set, auto&& predicate) {
  return static_cast<Index>(std::count_if(set.points.begin(), set.points.end(), predicate));
}

std::string what_was_found(const FixedPointSet& set) {
  const auto is_fixed = [](const FixedPoint& p) { return p.kind == Kind::fixed; };
  const Index n_stable = count(set, [&](const FixedPoint& p) {
    return is_fixed(p) && p.stability == fixed_points::Stability::stable;
  });
  const Index n_proven = count(set, [&](const FixedPoint& p) {
    return is_fixed(p) && p.verdict == fixed_points::Verdict::proven;
  });
  const Index n_slow = count(set, [](const FixedPoint& p) { return p.kind == Kind::slow; });
  const Index n_undecided =
      count(set, [](const FixedPoint& p) { return p.kind == Kind::undecided; });

  const Index n_fixed = set.n_fixed();
  std::string text =
      n_fixed == 0 ? "No fixed point was found"
                   : plural(n_fixed, "fixed point") + (n_fixed == 1 ? " was found" : " were found");
  if (n_fixed > 0)
    text += fmt::format(" ({} stable; {} proven to exist)", n_stable,
                        n_proven == n_fixed ? "all"
                        : n_proven == 0     ? "none"
                                            : fmt::to_string(n_proven));
  std::vector<std::string> besides;
  if (n_slow > 0) besides.push_back(plural(n_slow, "slow point"));
  if (n_undecided > 0) besides.push_back(plural(n_undecided, "undecided point"));
  return besides.empty() ? text : text + ", besides " + enumeration(besides);
}

// The index of a point is -1 or +1, unless it is degenerate.
std::string at_least_missing(int n) {
  return n == 1 ? ", so at least one point is missing"
                : fmt::format(", so at least {} points are missing", n);
}

std::string what_the_audit_says(const FixedPointSet& set) {
  const fixed_points::Audit& audit = set.audit;
  const std::string sum = "the index sum is " + signed_number(audit.index_sum);
  const bool sum_agrees = audit.index_expected == audit.index_sum;
  std::string as_expected = !audit.index_expected ? sum + ", for which theory has no value here"
                            : sum_agrees
                                ? sum + ", as it must be for a complete set"
                                : sum + " instead of " + signed_number(*audit.index_expected);
  switch (audit.completeness) {
    case Completeness::proven:
      return as_expected + ", and the set is proven complete";
    case Completeness::statistical:
      return as_expected + ", and no sign of a missing point was seen, which is no proof";
    case Completeness::incomplete:
      return as_expected +
             (audit.index_expected && !sum_agrees
                  ? at_least_missing(std::abs(audit.index_sum - *audit.index_expected))
                  : ", but the search is not finished: points may be missing");
    case Completeness::not_auditable:
      return as_expected + ", so whether points are missing is not known";
  }
  return as_expected;
}

// "For 3 inputs, 27, 25 and 27 fixed points were found"; ranges where a list would be long.
std::string numbers_found(const std::vector<FixedPointSet>& sets) {
  constexpr std::size_t kMostListed = 6;
  std::vector<std::string> counts;
  Index low = sets.front().n_fixed(), high = low, total = 0;
  for (const FixedPointSet& set : sets) {
    const Index n = set.n_fixed();
    counts.push_back(fmt::to_string(n));
    low = std::min(low, n);
    high = std::max(high, n);
    total += n;
  }
  const std::string start = fmt::format("For {} inputs, ", sets.size());
  if (counts.size() <= kMostListed) return start + enumeration(counts) + " fixed points were found";
  return low == high ? fmt::format("{}{} fixed points each were found", start, low)
                     : fmt::format("{}between {} and {} fixed points each were found, {} in all",
                                   start, low, high, total);
}

// "2 show no sign of a missing point (which is no proof)"
std::string rating(Completeness completeness, Index n) {
  const std::string_view are = n == 1 ? "is" : "are";
  switch (completeness) {
    case Completeness::proven:
      return fmt::format("{} {} proven complete", n, are);
    case Completeness::statistical:
      return fmt::format("{} {} no sign of a missing point (which is no proof)", n,
                         n == 1 ? "shows" : "show");
    case Completeness::incomplete:
      return fmt::format("{} {} incomplete", n, are);
    case Completeness::not_auditable:
      return fmt::format("{} {} not auditable", n, are);
  }
  return "";
}

// " All 64 trajectories that were followed end at fixed points."
std::string where_they_end(const orbits::OrbitSet* orbit_set) {
  if (!orbit_set || orbit_set->n_trajectories == 0) return "";
  std::string note = orbit_set->note;
  if (!note.empty() && note[0] >= 'a' && note[0] <= 'z')
    note[0] = static_cast<char>(note[0] - 'a' + 'A');
  return " " + note + ".";
}

std::string how_many_end_elsewhere(const std::vector<orbits::OrbitSet>& orbit_sets) {
  std::int64_t followed = 0, elsewhere = 0;
  for (const orbits::OrbitSet& set : orbit_sets) {
    followed += set.n_trajectories;
    elsewhere += set.n_trajectories - set.n_at_points;
  }
  if (followed == 0) return "";
  return elsewhere == 0
             ? fmt::format(" All {} trajectories end at fixed points.", followed)
             : fmt::format(" {} of {} trajectories end at no fixed point.", elsewhere, followed);
}

}  // namespace

std::string verdict(const FixedPointSet& set, const orbits::OrbitSet* orbit_set) {
  return what_was_found(set) + "; " + what_the_audit_says(set) + "." + where_they_end(orbit_set);
}

std::string verdict(const std::vector<FixedPointSet>& sets,
                    const std::vector<orbits::OrbitSet>& orbit_sets) {
  if (sets.empty()) return "Fixed points were not searched for.";
  if (sets.size() == 1)
    return verdict(sets.front(), orbit_sets.empty() ? nullptr : &orbit_sets.front());
  std::vector<std::string> ratings;
  for (const auto& [completeness, name] : EnumNames<Completeness>::values) {
    const auto n =
        std::count_if(sets.begin(), sets.end(), [wanted = completeness](const FixedPointSet& set) {
          return set.audit.completeness == wanted;
        });
    if (n > 0) ratings.push_back(rating(completeness, n));
  }
  return fmt::format("{}; of the sets, {}.{}", numbers_found(sets), enumeration(ratings),
                     how_many_end_elsewhere(orbit_sets));
}

}  // namespace nullcline::report
