// SPDX-License-Identifier: BSD-3-Clause
// The explorer's page with a model of one's own to begin with.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/options_text.hpp"

namespace nullcline::report {

/// What the page shows first.
struct LiveModel {
  std::string title;
  std::string text;                                    ///< a model file
  std::vector<std::pair<std::string, double>> values;  ///< in the place of those in the text
  std::string time;                                    ///< "discrete" | "continuous"
  Vector input;                                        ///< held
  NumberRows box;                                      ///< lower, upper of each state; or empty
};

/// `explorer`: the page that script/explorer builds.
/// @throws InvalidInput if it has no place for a model.
std::string render_live(std::string_view explorer, const LiveModel& model);

}  // namespace nullcline::report
