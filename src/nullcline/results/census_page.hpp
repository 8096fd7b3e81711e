// SPDX-License-Identifier: BSD-3-Clause
// Files and pages of a census.
#pragma once

#include <string>

#include "nullcline/core/progress.hpp"
#include "nullcline/results/census_family.hpp"

namespace nullcline::results {

/// A census with the networks it is about.
struct CensusResult {
  CensusFamily family;
  census::Census census;
  bool is_sample =
      true;  ///< random networks, each drawn alone: shares and estimates mean something
};

NamedArrays census_to_arrays(const CensusResult& result);
/// @throws FormatError; `path` is what messages begin with.
CensusResult census_from_arrays(const NamedArrays& file, const std::string& path);

/// The gallery: portraits are computed anew from the parameters. Empty where `progress` stopped it.
std::string census_page(const CensusResult& result, const std::string& title,
                        const Progress& progress = {});

}  // namespace nullcline::results
