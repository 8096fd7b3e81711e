// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nullcline/cycles/branch.hpp"
#include "nullcline/cycles/find.hpp"

namespace nullcline::cli {

/// What a result is about, besides its numbers.
struct CyclesContext {
  std::string output;         ///< file that was written, or empty
  std::string configuration;  ///< JSON
  std::string parameter;      ///< in which cycles were followed, or empty
  std::string not_verified;   ///< a sentence where imported weights were not probed, or empty
  std::uint64_t seed = 0;
};

/// One branch of cycles, as the branches of `cycles` and of `continue`.
nlohmann::ordered_json branch_json(const cycles::CycleBranch& branch);
std::string branch_text(const cycles::CycleBranch& branch, std::size_t number,
                        const std::string& parameter);

std::string cycles_json(const cycles::CycleSet& set,
                        const std::vector<cycles::CycleBranch>& branches,
                        const CyclesContext& context);
std::string cycles_text(const cycles::CycleSet& set,
                        const std::vector<cycles::CycleBranch>& branches,
                        const CyclesContext& context);

}  // namespace nullcline::cli
