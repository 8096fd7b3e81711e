// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/dynamics/system.hpp"
#include "nullcline/fixed_points/types.hpp"
#include "nullcline/models/network.hpp"
#include "nullcline/orbits/types.hpp"
#include "nullcline/report/page.hpp"
#include "nullcline/results/visited.hpp"

namespace nullcline::results {

enum class Axes { pca, readout, inputs, modes };

/// All ways of looking at one set that make sense for it, `first` in front.
/// `mode_point` is the point whose modes are axes; -1: the one with most unstable directions.
/// @throws InvalidInput if there is no such point, or `first` makes no sense for this network.
/// Without a network there are no readouts.
std::vector<report::View> make_views(const dynamics::System& system, const models::Network* network,
                                     const Visited& visited, const fixed_points::FixedPointSet& set,
                                     const orbits::OrbitSet& orbit_set, Axes first, int mode_point);

}  // namespace nullcline::results

template <>
struct nullcline::EnumNames<nullcline::results::Axes> {
  static constexpr std::array values{
      std::pair{nullcline::results::Axes::pca, "pca"},
      std::pair{nullcline::results::Axes::readout, "readout"},
      std::pair{nullcline::results::Axes::inputs, "inputs"},
      std::pair{nullcline::results::Axes::modes, "modes"},
  };
};
