// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/report/page.hpp"
#include "points_file.hpp"

namespace nullcline::cli {

enum class Axes { pca, readout, inputs, modes };

/// All ways of looking at one set that make sense for it, `first` in front.
/// `mode_point` is the point whose modes are axes; -1: the one with most unstable directions.
/// @throws InvalidInput if there is no such point, or `first` makes no sense for this network.
std::vector<report::View> make_views(const PointsFile& points, std::size_t set_index, Axes first,
                                     int mode_point);

}  // namespace nullcline::cli

template <>
struct nullcline::EnumNames<nullcline::cli::Axes> {
  static constexpr std::array values{
      std::pair{nullcline::cli::Axes::pca, "pca"},
      std::pair{nullcline::cli::Axes::readout, "readout"},
      std::pair{nullcline::cli::Axes::inputs, "inputs"},
      std::pair{nullcline::cli::Axes::modes, "modes"},
  };
};
