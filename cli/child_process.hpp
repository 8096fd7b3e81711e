// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nullcline::cli {

std::filesystem::path this_program();

struct ChildOutput {
  int exit_code = 0;  ///< 128 + the signal that ended it
  std::string text;   ///< what it printed
};

/// Runs this program again with other arguments, in another folder. Its messages go where ours go.
/// @throws InvalidInput if it cannot be started.
ChildOutput run_this_program(const std::vector<std::string>& arguments,
                             const std::filesystem::path& folder);

}  // namespace nullcline::cli
