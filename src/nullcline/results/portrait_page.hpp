// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/results/subject.hpp"

namespace nullcline::results {

/// The offline page of a file of a portrait; with a group "discrete" (--compare-time) both are side
/// by side.
/// @throws FormatError if arrays are missing; InvalidInput if the page would be too large.
std::string portrait_page(const NamedArrays& file, const std::string& title);

/// The file without its group, and the group: one or two portraits, with all their attributes.
std::vector<NamedArrays> portraits_of(const NamedArrays& file);

/// What portraits call the states: the names of equations; h1, h2, ... of a cell, and c1, ... for
/// the memory cells of an LSTM.
std::vector<std::string> state_names(const Subject& subject);

}  // namespace nullcline::results
