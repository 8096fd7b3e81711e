// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/report/page.hpp"

namespace nullcline::results {

/// A perturbation study and its file, which names its lines.
struct StudyFile {
  std::string path;
  NamedArrays file;
};

/// Perturbation studies as one page: for each kind of perturbation the error against the level, and
/// the shares of the points, edges and cycles of the networks that are left; means with standard
/// deviations over trials. Levels at which some trial diverged have no error.
/// @throws FormatError if arrays are missing or do not fit together.
report::PageContent perturbation_page(const std::vector<StudyFile>& studies,
                                      const std::string& title);

}  // namespace nullcline::results
