// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/report/page.hpp"
#include "nullcline/results/views.hpp"

namespace nullcline::results {

/// What a page is made of: results that belong together.
struct PageSources {
  std::string title;
  const dynamics::System* system = nullptr;
  const models::Network* network = nullptr;  ///< null: a system that is no network
  std::vector<fixed_points::FixedPointSet> sets;
  std::vector<orbits::OrbitSet> orbits;  ///< one per set
  Visited visited;
  std::vector<topology::Graph> graphs;  ///< one per set, or none
  std::string points_path;              ///< their file, which holds the system; or empty
  Attributes points_attributes, graph_attributes;
  std::optional<NamedArrays> trained;  ///< the file of a trained network
  std::string trained_path;            ///< for messages
};

/// The page of these results, with axes `first` shown first; `mode_point` as in make_views.
/// @throws FormatError if the trained network's file lacks something; InvalidInput as make_views.
report::PageContent make_page(const PageSources& sources, Axes first, int mode_point);

}  // namespace nullcline::results
