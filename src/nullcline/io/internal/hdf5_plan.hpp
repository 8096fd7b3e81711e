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
  std::vector<std::string> dimensions;  ///< one per axis, also where the array names none
};

struct GroupPlan {
  std::map<std::string, std::size_t> dimensions;  ///< extents, by name
  std::map<std::string, VariablePlan> variables;  ///< by name inside the group
  std::map<std::string, GroupPlan> groups;
  const Attributes* attributes = nullptr;
};

/// Axes without a name are called "dim_<extent>", and "dim_<extent>_<k>" where one array has several
/// axes of one extent. The plan points into `arrays`.
/// @throws InvalidInput for names that a file cannot hold, and where one name means two things.
GroupPlan plan_file(const NamedArrays& arrays);

}  // namespace nullcline::io::internal
