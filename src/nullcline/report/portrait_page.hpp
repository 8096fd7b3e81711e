// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::report {

/// A page about phase portraits: one, or two side by side.
struct PortraitPage {
  std::string title;
  std::string verdict;  ///< one sentence on completeness
  std::vector<std::pair<std::string, std::string>> summary, provenance;
  std::vector<NamedArrays> portraits;  ///< as portrait::to_arrays makes them
};

/// One self-contained offline HTML page. Of an ensemble the first 100 members are drawn.
/// @throws InvalidInput if it would be larger than 8 MB.
std::string render_portrait(const PortraitPage& page);

}  // namespace nullcline::report
