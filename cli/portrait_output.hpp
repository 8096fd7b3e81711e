// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/portrait/types.hpp"

namespace nullcline::cli {

/// What a portrait is about, besides its numbers.
struct PortraitContext {
  std::string output;         ///< file that was written, or empty
  std::string configuration;  ///< JSON
  std::string not_verified;   ///< a sentence where imported weights were not probed, or empty
  std::string verdict;        ///< one sentence on completeness
  std::uint64_t seed = 0;
};

/// `discrete`: the map of the same cell (--compare-time), or null.
std::string portrait_json(const portrait::Portrait& portrait, const portrait::Portrait* discrete,
                          const PortraitContext& context);
std::string portrait_text(const portrait::Portrait& portrait, const portrait::Portrait* discrete,
                          const PortraitContext& context);

}  // namespace nullcline::cli
