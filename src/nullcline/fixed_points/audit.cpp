// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/fixed_points/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace nullcline::fixed_points {

namespace {

// Points met by exactly so many starts.
double n_met(const Collection& points, std::int64_t hits) {
  double n = 0;
  for (const FoundPoint& found : points.points()) n += found.hits == hits ? 1 : 0;
  return n;
}

std::string index_text(const Audit& audit) {
  return fmt::format("the indices sum to {:+d}, where {:+d} is proven", audit.index_sum,
                     *audit.index_expected);
}

std::string incomplete_note(const Collection& points, const SearchEnd& end, const Audit& audit) {
  if (audit.index_expected && points.n_undecided() > 0)
    return fmt::format(
        "{} degenerate point{} could not be isolated; {} without {}, so the net index of what is "
        "there, or missing, is {:+d}",
        points.n_undecided(), points.n_undecided() == 1 ? "" : "s", index_text(audit),
        points.n_undecided() == 1 ? "it" : "them", *audit.index_expected - audit.index_sum);
  if (end.gave_up)
    return fmt::format("the search stopped at {} points; at least {:.0f} more are estimated unseen",
                       points.n_fixed(), audit.unseen_estimate);
  if (audit.index_expected && audit.index_sum != *audit.index_expected)
    return fmt::format("{}: at least {} fixed point{} missing", index_text(audit),
                       std::abs(*audit.index_expected - audit.index_sum),
                       std::abs(*audit.index_expected - audit.index_sum) == 1 ? " is" : "s are");
  if (end.interrupted) return "the search was stopped before it had made its starts";
  return fmt::format(
      "a point was met by only {} of {} starts, where {} are wanted, so that others may be unseen",
      audit.min_hits, audit.n_starts, end.min_hits_wanted);
}

std::string not_auditable_note(const Collection& points, const SearchEnd& end) {
  std::string note =
      "no index sum is known that the points would have to give: " +
      (end.no_box_reason.empty() ? std::string("no trapping set is known") : end.no_box_reason);
  if (points.n_undecided() > 0)
    note += fmt::format("; {} degenerate point{} could not be isolated", points.n_undecided(),
                        points.n_undecided() == 1 ? "" : "s");
  return note;
}

std::string statistical_note(const Audit& audit) {
  return fmt::format(
      "{}, and each point was met by at least {} of {} starts: a point that a share of {:.2g} of "
      "them lead to would have been found with 99.9 % confidence",
      index_text(audit), audit.min_hits, audit.n_starts, audit.capture_bound);
}

void set_estimates(const Collection& points, Audit& audit) {
  const auto n = static_cast<double>(audit.n_starts);
  audit.unseen_estimate = unseen_estimate(points);
  audit.coverage = n > 0 ? std::clamp(1 - n_met(points, 1) / n, 0.0, 1.0) : 0;
  audit.capture_bound = n > 0 ? std::min(1.0, std::log(1000.0) / n) : 1;
  audit.min_hits = fewest_hits(points);
}

}  // namespace

std::int64_t fewest_hits(const Collection& points) {
  std::int64_t fewest = -1;
  for (const FoundPoint& found : points.points())
    if (found.kind == Kind::fixed && (fewest < 0 || found.hits < fewest)) fewest = found.hits;
  return std::max<std::int64_t>(fewest, 0);
}

double unseen_estimate(const Collection& points) {
  const double once = n_met(points, 1), twice = n_met(points, 2);
  return std::max(0.0, once * (once - 1) / (2 * (twice + 1)));
}

void complete_audit(const Collection& points, const SearchEnd& end, Audit& audit) {
  audit.index_sum = points.index_sum();
  set_estimates(points, audit);
  if (!end.proof.empty()) {
    audit.completeness = Completeness::proven;
    audit.completeness_note = end.proof;
    // By the theorem; the clusters' own shares need not be known.
    if (audit.index_expected) audit.index_sum = *audit.index_expected;
    return;
  }
  if (end.contradicts_proof) {
    audit.completeness = Completeness::incomplete;
    audit.completeness_note =
        "a certified point contradicts the enumeration of all points: the trapping box or the "
        "interval extension of this system cannot be right";
    return;
  }
  if (points.is_proven_unique()) {
    audit.completeness = Completeness::proven;
    audit.completeness_note =
        "one uniqueness box holds the whole trapping box: it is proven that there is no other "
        "point";
    return;
  }
  if (!audit.index_expected) {
    audit.completeness = Completeness::not_auditable;
    audit.completeness_note = not_auditable_note(points, end);
    return;
  }
  const bool passes = audit.index_sum == *audit.index_expected && points.n_undecided() == 0 &&
                      audit.min_hits >= end.min_hits_wanted &&
                      audit.n_starts >= end.n_starts_wanted && !end.interrupted && !end.gave_up;
  audit.completeness = passes ? Completeness::statistical : Completeness::incomplete;
  audit.completeness_note = passes ? statistical_note(audit) : incomplete_note(points, end, audit);
}

}  // namespace nullcline::fixed_points
