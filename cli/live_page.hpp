// SPDX-License-Identifier: BSD-3-Clause
// The explorer's page, embedded at build time where emscripten was found
// (cmake/NullclineExplorer.cmake).
#pragma once

#include <string>

#include "nullcline/core/matrix.hpp"
#include "nullcline/core/options_text.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::cli {

/// Refuses before any work: an output that is no page, a build without the explorer.
/// @throws InvalidInput
void check_live(const std::string& output);

/// The page of a model file or a network. `path` is for messages; `box` may be empty.
/// @throws InvalidInput for what the page cannot show: more than three states, a stack of layers.
std::string live_page(const results::Subject& subject, const std::string& path,
                      const std::string& title, ConstVectorRef input, const NumberRows& box);

}  // namespace nullcline::cli
