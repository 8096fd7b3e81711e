// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace nullcline::report {

/// What a diagram is drawn from: `document` is what the command prints with --json.
struct DiagramPage {
  enum class Kind { branches, sweep, shape, study };
  Kind kind = Kind::branches;
  std::string title;
  std::string verdict;                   ///< one sentence
  std::vector<std::string> state_names;  ///< as far as they are shown
  std::vector<std::pair<std::string, std::string>> summary, provenance;
};

/// One self-contained offline HTML page. Of each state the first coordinates are kept, as many as
/// there are names. @throws InvalidInput if it would be larger than 8 MB.
std::string render_diagram(const DiagramPage& page, const nlohmann::ordered_json& document);

}  // namespace nullcline::report
