// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/orbits/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include "nullcline/core/error.hpp"
#include "nullcline/core/rng.hpp"
#include "nullcline/orbits/internal/end_search.hpp"
#include "nullcline/orbits/internal/note.hpp"
#include "nullcline/orbits/periodic.hpp"

namespace nullcline::orbits {

namespace {

using fixed_points::FixedPoint;
using fixed_points::FixedPointSet;

void require_range(const char* name, int value, int low, int high) {
  if (value < low || value > high)
    throw InvalidInput(fmt::format("{}: found {}, expected {} to {}", name, value, low, high));
}

void validate(const dynamics::System& system, const FixedPointSet& set, ConstMatrixRef visited) {
  if (visited.rows() > 0 && visited.cols() != system.n_states())
    throw InvalidInput(fmt::format("visited states: found {} values per state, expected {}",
                                   visited.cols(), system.n_states()));
  for (const FixedPoint& point : set.points)
    if (point.state.size() != system.n_states())
      throw InvalidInput(fmt::format("points: found {} values per state, expected {}",
                                     point.state.size(), system.n_states()));
}

// Evenly spaced rows of the visited states; uniform in the box, or Gaussian, if there are none.
Matrix starts(const dynamics::System& map, ConstMatrixRef visited, const OrbitOptions& options) {
  const Index wanted = options.trajectories;
  if (visited.rows() > 0) {
    const Index n = std::min(wanted, visited.rows());
    Matrix rows(n, visited.cols());
    for (Index i = 0; i < n; ++i) rows.row(i) = visited.row(i * visited.rows() / n);
    return rows;
  }
  Matrix rows(wanted, map.n_states());
  const std::optional<dynamics::Box> box = map.trapping_box();
  for (Index i = 0; i < wanted; ++i) {
    Rng rng(options.search.seed, Purpose::analysis_data, static_cast<std::uint64_t>(i));
    for (Index j = 0; j < rows.cols(); ++j)
      rows(i, j) = box ? rng.uniform(box->lower(j), box->upper(j)) : 0.5 * rng.normal();
  }
  return rows;
}

// sign det(I - M^power) from the eigenvalues of M: conjugate pairs count as positive.
int index_of_power(const ComplexVector& values, int power) {
  int sign = 1;
  for (const std::complex<double>& value : values)
    if (value.imag() == 0 && std::pow(value.real(), power) > 1) sign = -sign;
  return sign;
}

// The sum over all points of F^period(h) = h that are known, those of shorter orbits included.
void audit_period(const FixedPointSet& set, const std::vector<Orbit>& orbits, PeriodAudit& audit) {
  audit.index_sum = 0;
  audit.n_orbits = 0;
  for (const FixedPoint& point : set.points)
    if (point.kind == fixed_points::Kind::fixed)
      audit.index_sum += index_of_power(point.eigenvalues, audit.period);
  for (const Orbit& orbit : orbits) {
    if (orbit.kind != Kind::periodic || audit.period % orbit.period != 0) continue;
    audit.index_sum +=
        orbit.period * index_of_power(orbit.multipliers, audit.period / orbit.period);
    if (orbit.period == audit.period) ++audit.n_orbits;
  }
  if (audit.index_expected && audit.index_sum != *audit.index_expected)
    audit.completeness = fixed_points::Completeness::incomplete;
}

void search_periods(const dynamics::System& map, const FixedPointSet& set, ConstMatrixRef visited,
                    const OrbitOptions& options, const Progress& progress, OrbitSet& result) {
  for (int period = 2; period <= options.max_period; ++period) {
    PeriodicOrbits found =
        find_periodic_orbits(map, set.input, visited, period, options.search, progress);
    for (Orbit& orbit : found.orbits)
      if (std::none_of(result.orbits.begin(), result.orbits.end(),
                       [&](const Orbit& other) { return is_same_orbit(orbit, other); }))
        result.orbits.push_back(std::move(orbit));
    result.periods.push_back(found.audit);
  }
  for (PeriodAudit& audit : result.periods) audit_period(set, result.orbits, audit);
}

bool comes_before(const Orbit& a, const Orbit& b) {
  const auto key = [](const Orbit& orbit) {
    return std::tuple(orbit.kind, orbit.period, orbit.n_unstable);
  };
  if (key(a) != key(b)) return key(a) < key(b);
  return std::lexicographical_compare(a.points.data(), a.points.data() + a.points.size(),
                                      b.points.data(), b.points.data() + b.points.size());
}

}  // namespace

void check_options(const OrbitOptions& options) {
  require_range("trajectories", options.trajectories, 0, 1000000);
  require_range("trajectory_steps", options.trajectory_steps, 1, 1000000000);
  require_range("max_period", options.max_period, 1, 64);
}

OrbitSet find_orbits(const dynamics::System& system, const FixedPointSet& set,
                     ConstMatrixRef visited, const OrbitOptions& options,
                     const Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  check_options(options);
  validate(system, set, visited);
  OrbitSet result;
  result.input = set.input;
  result.ends_at_point.assign(set.points.size(), 0);
  if (system.time() == dynamics::Time::discrete) {
    if (options.trajectories > 0)
      internal::EndSearch(system, set, options, progress)
          .run(starts(system, visited, options), result);
    search_periods(system, set, visited, options, progress, result);
    std::stable_sort(result.orbits.begin(), result.orbits.end(), comes_before);
  }
  result.note = internal::ends_note(system.time(), result);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace nullcline::orbits
