// SPDX-License-Identifier: BSD-3-Clause
// Sets of fixed points as JSON and as text for a terminal.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::cli {

/// What the numbers do not say themselves.
struct PointsContext {
  const results::Subject* subject = nullptr;
  bool imported = false;
  std::string visited_origin;
  std::string output;         ///< file written, or empty
  std::string configuration;  ///< JSON
  std::uint64_t seed = 0;
};

std::string fixed_points_json(const std::vector<fixed_points::FixedPointSet>& sets,
                              const std::vector<orbits::OrbitSet>& orbit_sets,
                              const PointsContext& context);
std::string fixed_points_text(const std::vector<fixed_points::FixedPointSet>& sets,
                              const std::vector<orbits::OrbitSet>& orbit_sets,
                              const PointsContext& context);

/// The orbits of one set as a table, and where trajectories end; and as JSON, which the document
/// holds under "orbits" and "ends".
std::string orbits_text(const orbits::OrbitSet& set);
nlohmann::ordered_json orbits_json(const orbits::OrbitSet& set, std::size_t input_index);
nlohmann::ordered_json ends_json(const orbits::OrbitSet& set);

/// "8 stable, 12 with 1 unstable direction, 1 with 3"
std::string count_by_directions(const fixed_points::FixedPointSet& set);

/// "(0, 0, 0.5)"
std::string input_text(ConstVectorRef input);

}  // namespace nullcline::cli
