// SPDX-License-Identifier: BSD-3-Clause
// Sorts named arrays into the groups, dimensions and variables of a NetCDF-4 file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::io::internal {

struct VariablePlan {
  const NamedArray* array = nullptr;
  /// As in the file: one per axis, also where the array names none, and one for the bytes of text.
  std::vector<std::string> dimensions;
  std::vector<std::size_t> shape;
  std::size_t text_length = 0;  ///< bytes of each text; 0 for numbers
};

struct GroupPlan {
  std::map<std::string, std::size_t> dimensions;  ///< extents, by name
  std::map<std::string, VariablePlan> variables;  ///< by name inside the group
  std::map<std::string, GroupPlan> groups;
  const Attributes* attributes = nullptr;
};

/// Axes without a name are called "dim_<extent>", and "dim_<extent>_<k>" where one array has
/// several axes of one extent. Text gets one more axis, "string<bytes>": NetCDF's character arrays
/// are the one form of text that xarray reads as text with every engine and that holds no data of
/// variable length (netCDF 4.9.0 crashes on arrays of HDF5's own text of fixed length). Points into
/// `arrays`.
/// @throws InvalidInput for names that a file cannot hold, and where one name means two things.
GroupPlan plan_file(const NamedArrays& arrays);

}  // namespace nullcline::io::internal
