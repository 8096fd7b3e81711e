// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

#include "nullcline/results/census_page.hpp"

namespace nullcline::cli {

/// What a census is about, besides its numbers.
struct CensusContext {
  std::string output, gallery;  ///< files that were written, or empty
  std::string configuration;    ///< JSON
  double seconds = 0;
  std::uint64_t seed = 0;
};

std::string census_json(const results::CensusResult& result, const CensusContext& context);
std::string census_text(const results::CensusResult& result, const CensusContext& context);

}  // namespace nullcline::cli
