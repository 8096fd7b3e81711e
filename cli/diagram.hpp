// SPDX-License-Identifier: BSD-3-Clause
// The page that continue and sweep write where the output ends in .html.
#pragma once

#include <string>

#include "nullcline/report/diagram_page.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::cli {

inline bool is_page(const std::string& output) { return output.ends_with(".html"); }

/// `document`: what --json prints.
void write_diagram(const std::string& output, report::DiagramPage::Kind kind,
                   const std::string& source, const results::Subject& subject,
                   const std::string& document);

}  // namespace nullcline::cli
