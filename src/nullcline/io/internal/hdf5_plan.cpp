// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxAxes = 31;  // HDF5 has 32; text needs one

void check_name(std::string_view name, std::string_view whole) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (name.empty() || name == "." || name == ".." || has_control || name.find('/') != name.npos ||
      !is_utf8(name))
    throw InvalidInput(
        fmt::format("'{}' cannot name an array, dimension or group of a file", printable(whole)));
}

/// The group at "a/b", made where it is missing.
GroupPlan& group_at(GroupPlan& root, std::string_view path) {
  GroupPlan* group = &root;
  for (std::string_view rest = path;;) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    check_name(rest.substr(0, slash), path);
    group = &group->groups[std::string(rest.substr(0, slash))];
    if (slash == rest.size()) return *group;
    rest.remove_prefix(slash + 1);
  }
}

std::vector<std::string> dimension_names(const NamedArray& array) {
  if (!array.dimensions.empty()) return array.dimensions;
  std::vector<std::string> names;
  for (const std::size_t extent : array.shape) {
    const std::string name = fmt::format("dim_{}", extent);
    std::string candidate = name;
    for (int k = 1; std::find(names.begin(), names.end(), candidate) != names.end(); ++k)
      candidate = fmt::format("{}_{}", name, k);
    names.push_back(candidate);
  }
  return names;
}

/// Bytes of the longest text, at least one; 0 for numbers.
std::size_t text_length(const NamedArray& array) {
  const auto* texts = std::get_if<std::vector<std::string>>(&array.data);
  if (texts == nullptr) return 0;
  std::size_t length = 1;
  for (const std::string& text : *texts) length = std::max(length, as_utf8(text).size());
  return length;
}

void add_variable(GroupPlan& group, const std::string& leaf, const std::string& name,
                  const NamedArray& array) {
  check_name(leaf, name);
  if (array.shape.size() > kMaxAxes)
    throw InvalidInput(fmt::format("array '{}': found {} axes, a file holds at most {}",
                                   printable(name), array.shape.size(), kMaxAxes));
  VariablePlan plan{&array, dimension_names(array), array.shape, text_length(array)};
  if (plan.text_length > 0) {
    plan.dimensions.push_back(fmt::format("string{}", plan.text_length));
    plan.shape.push_back(plan.text_length);
  }
  for (std::size_t axis = 0; axis < plan.shape.size(); ++axis) {
    const std::string& dimension = plan.dimensions[axis];
    check_name(dimension, dimension);
    const auto [entry, is_new] = group.dimensions.emplace(dimension, plan.shape[axis]);
    if (entry->second != plan.shape[axis])
      throw InvalidInput(
          fmt::format("array '{}': its dimension '{}' has {} entries, but {} in another array of "
                      "the same group",
                      printable(name), dimension, plan.shape[axis], entry->second));
  }
  group.variables.emplace(leaf, std::move(plan));
}

/// One name may mean a group, a variable or a dimension; a variable named as a dimension must be
/// its coordinates.
void check_collisions(const GroupPlan& group, const std::string& path) {
  for (const auto& [name, child] : group.groups) {
    if (group.variables.contains(name) || group.dimensions.contains(name))
      throw InvalidInput(
          fmt::format("'{}{}' would be a group and an array or dimension at once", path, name));
    check_collisions(child, path + name + "/");
  }
  for (const auto& [name, variable] : group.variables)
    if (group.dimensions.contains(name) &&
        (variable.array->shape.size() != 1 || variable.dimensions[0] != name))
      throw InvalidInput(fmt::format(
          "array '{}{}' has the name of a dimension, so its only axis must be that dimension", path,
          name));
}

void check_attributes(const Attributes& attributes, std::string_view owner) {
  // Names that dimension scales and NetCDF-4 use for themselves.
  static constexpr std::array<std::string_view, 9> kReserved{
      "CLASS",         "NAME",      "DIMENSION_LIST", "REFERENCE_LIST",     "_Netcdf4Dimid",
      "_NCProperties", "_Encoding", "_nc3_strict",    "_Netcdf4Coordinates"};
  for (const auto& [name, value] : attributes) {
    check_name(name, name);
    if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end())
      throw InvalidInput(
          fmt::format("attribute '{}' of '{}' has a name that the format reserves", name, owner));
  }
}

}  // namespace

GroupPlan plan_file(const NamedArrays& arrays) {
  GroupPlan root;
  root.attributes = &arrays.attributes;
  check_attributes(arrays.attributes, "/");
  for (const auto& [path, attributes] : arrays.group_attributes()) {
    check_attributes(attributes, path);
    group_at(root, path).attributes = &attributes;
  }
  for (const auto& [name, array] : arrays.all()) {
    check_attributes(array.attributes, name);
    const std::size_t slash = name.rfind('/');
    const bool is_at_root = slash == std::string::npos;
    GroupPlan& group = is_at_root ? root : group_at(root, std::string_view(name).substr(0, slash));
    add_variable(group, is_at_root ? name : name.substr(slash + 1), name, array);
  }
  check_collisions(root, "");
  return root;
}

}  // namespace nullcline::io::internal
