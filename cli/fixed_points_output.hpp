// SPDX-License-Identifier: BSD-3-Clause
// Sets of fixed points as JSON and as text for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"

namespace nullcline::cli {

/// What the numbers do not say themselves.
struct PointsContext {
  const models::Network* network = nullptr;
  bool imported = false;
  std::string visited_origin;
  std::string output;         ///< file written, or empty
  std::string configuration;  ///< JSON
  std::uint64_t seed = 0;
};

std::string fixed_points_json(const std::vector<fixed_points::FixedPointSet>& sets,
                              const PointsContext& context);
std::string fixed_points_text(const std::vector<fixed_points::FixedPointSet>& sets,
                              const PointsContext& context);

/// "8 stable, 12 with 1 unstable direction, 1 with 3"
std::string count_by_directions(const fixed_points::FixedPointSet& set);

/// "(0, 0, 0.5)"
std::string input_text(ConstVectorRef input);

}  // namespace nullcline::cli
