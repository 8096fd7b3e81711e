// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/core/named_arrays.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nullcline/core/error.hpp"

namespace nullcline {

namespace {

std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t n = 1;
  for (std::size_t extent : shape) n *= extent;
  return n;
}

std::size_t length(const NamedArray::Data& data) {
  return std::visit([](const auto& values) { return values.size(); }, data);
}

}  // namespace

std::size_t NamedArray::size() const { return product(shape); }

bool NamedArrays::has(std::string_view name) const { return arrays_.contains(name); }

const NamedArray& NamedArrays::at(std::string_view name) const {
  const auto found = arrays_.find(name);
  if (found != arrays_.end()) return found->second;
  std::vector<std::string_view> names;
  for (const auto& [key, array] : arrays_) {
    names.push_back(key);
    if (names.size() == 20) break;
  }
  throw FormatError(fmt::format("no array named '{}'; found {}", name, fmt::join(names, ", ")));
}

void NamedArrays::set(std::string name, NamedArray array) {
  if (length(array.data) != array.size())
    throw InvalidInput(fmt::format("array '{}': {} values do not fill shape ({})", name,
                                   length(array.data), fmt::join(array.shape, ", ")));
  if (!array.dimensions.empty() && array.dimensions.size() != array.shape.size())
    throw InvalidInput(fmt::format("array '{}': {} dimension names for {} axes", name,
                                   array.dimensions.size(), array.shape.size()));
  arrays_.insert_or_assign(std::move(name), std::move(array));
}

namespace {

NamedArray described(std::vector<std::string> dimensions, std::vector<std::size_t> shape,
                     NamedArray::Data data, std::string long_name, std::string units) {
  NamedArray array{std::move(dimensions), std::move(shape), std::move(data), {}};
  array.attributes["long_name"] = std::move(long_name);
  if (!units.empty()) array.attributes["units"] = std::move(units);
  return array;
}

}  // namespace

void NamedArrays::set(std::string name, ConstMatrixRef values, std::vector<std::string> dimensions,
                      std::string long_name, std::string units) {
  std::vector<double> data;
  data.reserve(static_cast<std::size_t>(values.size()));
  for (Index i = 0; i < values.rows(); ++i)
    for (Index j = 0; j < values.cols(); ++j) data.push_back(values(i, j));
  set(std::move(name),
      described(std::move(dimensions),
                {static_cast<std::size_t>(values.rows()), static_cast<std::size_t>(values.cols())},
                std::move(data), std::move(long_name), std::move(units)));
}

void NamedArrays::set_vector(std::string name, ConstVectorRef values, std::string dimension,
                             std::string long_name, std::string units) {
  set(std::move(name), described({std::move(dimension)}, {static_cast<std::size_t>(values.size())},
                                 std::vector<double>(values.data(), values.data() + values.size()),
                                 std::move(long_name), std::move(units)));
}

void NamedArrays::set_scalar(std::string name, double value, std::string long_name,
                             std::string units) {
  set(std::move(name),
      described({}, {}, std::vector<double>{value}, std::move(long_name), std::move(units)));
}

void NamedArrays::set_integers(std::string name, std::vector<std::int64_t> values,
                               std::string dimension, std::string long_name) {
  const std::size_t n = values.size();
  set(std::move(name),
      described({std::move(dimension)}, {n}, std::move(values), std::move(long_name), "1"));
}

void NamedArrays::set_strings(std::string name, std::vector<std::string> values,
                              std::string dimension, std::string long_name) {
  const std::size_t n = values.size();
  set(std::move(name),
      described({std::move(dimension)}, {n}, std::move(values), std::move(long_name), ""));
}

std::vector<double> NamedArrays::values(std::string_view name) const {
  return std::visit(
      [&](const auto& data) -> std::vector<double> {
        using Element = typename std::decay_t<decltype(data)>::value_type;
        if constexpr (std::is_same_v<Element, std::string>)
          throw FormatError(fmt::format("array '{}' holds text, expected numbers", name));
        else
          return std::vector<double>(data.begin(), data.end());
      },
      at(name).data);
}

namespace {

void require_axes(std::string_view name, const NamedArray& array, std::size_t n_axes) {
  if (array.shape.size() != n_axes)
    throw FormatError(fmt::format("array '{}' has shape ({}), expected {} axes", name,
                                  fmt::join(array.shape, ", "), n_axes));
}

}  // namespace

Matrix NamedArrays::matrix(std::string_view name) const {
  const NamedArray& array = at(name);
  require_axes(name, array, 2);
  const std::vector<double> data = values(name);
  return Eigen::Map<const Matrix>(data.data(), static_cast<Index>(array.shape[0]),
                                  static_cast<Index>(array.shape[1]));
}

Vector NamedArrays::vector(std::string_view name) const {
  require_axes(name, at(name), 1);
  const std::vector<double> data = values(name);
  return Eigen::Map<const Vector>(data.data(), static_cast<Index>(data.size()));
}

double NamedArrays::scalar(std::string_view name) const {
  if (at(name).size() != 1)
    throw FormatError(fmt::format("array '{}' has shape ({}), expected one number", name,
                                  fmt::join(at(name).shape, ", ")));
  return values(name)[0];
}

std::vector<std::int64_t> NamedArrays::integers(std::string_view name) const {
  if (const auto* data = std::get_if<std::vector<std::int64_t>>(&at(name).data)) return *data;
  throw FormatError(fmt::format("array '{}' does not hold integers", name));
}

std::vector<std::string> NamedArrays::strings(std::string_view name) const {
  if (const auto* data = std::get_if<std::vector<std::string>>(&at(name).data)) return *data;
  throw FormatError(fmt::format("array '{}' does not hold text", name));
}

std::string NamedArrays::text_attribute(std::string_view name) const {
  const auto found = attributes.find(std::string(name));
  if (found != attributes.end())
    if (const auto* text = std::get_if<std::string>(&found->second)) return *text;
  throw FormatError(fmt::format("no text attribute named '{}'", name));
}

void NamedArrays::set_group(const std::string& prefix, const NamedArrays& other) {
  for (const auto& [name, array] : other.arrays_) arrays_[prefix + "/" + name] = array;
  group_attributes_[prefix] = other.attributes;
  for (const auto& [name, values] : other.group_attributes_)
    group_attributes_[prefix + "/" + name] = values;
}

bool NamedArrays::has_group(const std::string& prefix) const {
  if (group_attributes_.contains(prefix)) return true;
  const auto next = arrays_.lower_bound(prefix + "/");
  return next != arrays_.end() && next->first.starts_with(prefix + "/");
}

NamedArrays NamedArrays::group(const std::string& prefix) const {
  NamedArrays result;
  const std::string start = prefix + "/";
  for (const auto& [name, array] : arrays_)
    if (name.starts_with(start)) result.arrays_[name.substr(start.size())] = array;
  for (const auto& [name, values] : group_attributes_) {
    if (name == prefix) result.attributes = values;
    if (name.starts_with(start)) result.group_attributes_[name.substr(start.size())] = values;
  }
  return result;
}

}  // namespace nullcline
