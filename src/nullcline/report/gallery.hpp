// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nullcline/census/types.hpp"

namespace nullcline::report {

/// Everything a gallery shows, computed before.
struct GalleryContent {
  std::string title;
  std::string lead;  ///< a sentence or two
  std::vector<std::pair<std::string, std::string>> summary;
  std::vector<census::Sketch> sketches;  ///< in the order of the page
};

/// One self-contained offline HTML page: a small portrait per topology, with its parameters.
std::string render_gallery(const GalleryContent& content);

}  // namespace nullcline::report
