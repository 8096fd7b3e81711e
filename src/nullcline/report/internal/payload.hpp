// SPDX-License-Identifier: BSD-3-Clause
// The data of a page: one JSON document, with long arrays as float32 in base64.
#pragma once

#include <string>

#include "nullcline/report/page.hpp"

namespace nullcline::report::internal {

/// @throws InvalidInput naming the first size that does not fit.
void check_sizes(const PageContent& content);

/// JSON of at most `max_bytes` for a <script> element. Trajectories and eigenvalues are thinned to
/// what fits, and the document says by how much; nothing else is left out.
/// @throws InvalidInput if the rest alone is larger.
std::string page_data(const PageContent& content, std::size_t max_bytes);

}  // namespace nullcline::report::internal
