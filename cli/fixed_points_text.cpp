// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "console.hpp"
#include "fixed_points_output.hpp"
#include "network_source.hpp"

namespace nullcline::cli {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;
using fixed_points::Kind;
using fixed_points::Stability;

constexpr std::size_t kMaxRows = 40;
constexpr Index kMaxOutputs = 4;

std::string index_text(const FixedPointSet& set) {
  const fixed_points::Audit& audit = set.audit;
  std::string text = fmt::format("index sum {:+}", audit.index_sum);
  if (!audit.index_expected) return text + ": nothing to compare it with (no trapping set)";
  if (audit.index_sum == *audit.index_expected)
    return text + fmt::format(", as it must be for a complete set ({:+})", *audit.index_expected);
  return text +
         fmt::format(", but a complete set has {:+}: points are missing", *audit.index_expected);
}

std::string readout_text(const Vector& readout) {
  std::string text;
  for (Index i = 0; i < std::min(readout.size(), kMaxOutputs); ++i)
    text += fmt::format("{:7.3f}", readout(i));
  return text + (readout.size() > kMaxOutputs ? " ..." : "");
}

std::string row(std::size_t number, const FixedPoint& point, int readout_width) {
  const double largest = point.eigenvalues.size() > 0 ? point.eigenvalues.cwiseAbs().maxCoeff() : 0;
  std::string text =
      fmt::format("{:>4}  {:<9} {:<10} {:>8} {:>6} {:>10.6f}  {:<{}}  {:>8}  {:<10}", number,
                  name_of(point.kind), name_of(point.stability), point.n_unstable,
                  point.has_index ? fmt::format("{:+}", point.index) : "?", largest,
                  readout_text(point.readout), readout_width, point.hits, name_of(point.verdict));
  if (point.kind == Kind::slow) text += fmt::format("  q {:.1e}", point.speed);
  return text + "\n";
}

std::string table(const FixedPointSet& set) {
  int width = 7;
  for (const FixedPoint& point : set.points)
    width = std::max(width, static_cast<int>(readout_text(point.readout).size()));
  std::string text = fmt::format("{:>4}  {:<9} {:<10} {:>8} {:>6} {:>10}  {:<{}}  {:>8}  {:<10}\n",
                                 "#", "kind", "stability", "unstable", "index", "max |l|",
                                 "readout", width, "hits", "existence");
  const std::size_t n = set.points.size();
  for (std::size_t i = 0; i < std::min(n, kMaxRows); ++i) text += row(i, set.points[i], width);
  if (n > kMaxRows) text += fmt::format("      and {} more (--json lists all)\n", n - kMaxRows);
  return text;
}

std::string set_text(const FixedPointSet& set, const orbits::OrbitSet& orbit_set) {
  const Index n_fixed = set.n_fixed();
  std::string text = fmt::format("{} fixed point{} for input {}", n_fixed, n_fixed == 1 ? "" : "s",
                                 input_text(set.input));
  if (n_fixed > 0) text += ": " + count_by_directions(set);
  const Index n_slow = static_cast<Index>(set.points.size()) - n_fixed;
  if (n_slow > 0) text += fmt::format("; {} slow or undecided", n_slow);
  text += "\n" + index_text(set) + "\n";
  text += fmt::format("completeness: {}: {}\n", name_of(set.audit.completeness),
                      set.audit.completeness_note);
  if (!set.points.empty()) text += table(set);
  text += orbits_text(orbit_set);
  return text + fmt::format("{} starts, {}\n", set.audit.n_starts, duration_text(set.seconds));
}

}  // namespace

std::string count_by_directions(const FixedPointSet& set) {
  std::map<int, int> counts;
  int n_degenerate = 0;
  for (const FixedPoint& point : set.points) {
    if (point.kind != Kind::fixed) continue;
    if (point.stability == Stability::degenerate)
      ++n_degenerate;
    else
      ++counts[point.n_unstable];
  }
  std::string text;
  for (const auto& [n_unstable, n] : counts) {
    if (!text.empty()) text += ", ";
    if (n_unstable == 0)
      text += fmt::format("{} stable", n);
    else
      text +=
          fmt::format("{} with {} unstable direction{}", n, n_unstable, n_unstable == 1 ? "" : "s");
  }
  if (n_degenerate > 0)
    text += fmt::format("{}{} degenerate", text.empty() ? "" : ", ", n_degenerate);
  return text;
}

std::string input_text(ConstVectorRef input) {
  std::string text;
  for (double value : input) text += fmt::format("{}{}", text.empty() ? "" : ", ", value);
  return "(" + text + ")";
}

std::string fixed_points_text(const std::vector<FixedPointSet>& sets,
                              const std::vector<orbits::OrbitSet>& orbit_sets,
                              const PointsContext& context) {
  const char* verified = context.subject->is_verified() ? "" : kNotVerified;
  std::string text = context.subject->description() + verified + "\n";
  for (std::size_t i = 0; i < sets.size(); ++i) text += "\n" + set_text(sets[i], orbit_sets[i]);
  if (!context.output.empty()) text += "\nwritten to " + context.output + "\n";
  return text;
}

}  // namespace nullcline::cli
