// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nullcline/continuation/types.hpp"
#include "nullcline/cycles/branch.hpp"

namespace nullcline::cli {

/// What a result is about, besides its numbers.
struct ContinuationContext {
  std::string output;         ///< file that was written, or empty
  std::string configuration;  ///< JSON
  std::string not_verified;   ///< a sentence where imported weights were not probed, or empty
  std::uint64_t seed = 0;
};

/// The branches of cycles come after those of equilibria.
std::string continuation_json(const continuation::Continuation& result,
                              const std::vector<cycles::CycleBranch>& cycles,
                              const ContinuationContext& context);
std::string continuation_text(const continuation::Continuation& result,
                              const std::vector<cycles::CycleBranch>& cycles,
                              const ContinuationContext& context);

}  // namespace nullcline::cli
