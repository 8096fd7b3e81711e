// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nullcline/report/page.hpp"

namespace nullcline::results {

/// The learning curves of several trained networks as one page, named by their files; of a single
/// one that was trained online its outputs, error and weight norm during training and its closed
/// loop. Nothing where the files are no such networks. @throws FormatError for what is no file of
/// ours or has arrays that do not fit together.
std::optional<report::PageContent> curves_page(const std::vector<std::string>& paths,
                                               const std::string& title);

}  // namespace nullcline::results
