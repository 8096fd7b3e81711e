// SPDX-License-Identifier: BSD-3-Clause
// Named arrays with named dimensions: what files hold and what results turn into. Knows no format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nullcline/core/matrix.hpp"

namespace nullcline {

using Attribute = std::variant<std::string, double, std::int64_t>;
using Attributes = std::map<std::string, Attribute>;

/// One array, row-major. `dimensions` has one name per axis, or is empty where the source names
/// none.
struct NamedArray {
  using Data = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                            std::vector<std::uint8_t>, std::vector<std::string>>;
  std::vector<std::string> dimensions;
  std::vector<std::size_t> shape;
  Data data;
  Attributes attributes;  ///< "units", "long_name"

  std::size_t size() const;  ///< product of the shape; 1 for a scalar
};

/// A set of arrays under names; "group/name" puts an array into a group. Keeps names sorted.
class NamedArrays {
 public:
  Attributes attributes;  ///< of the whole set: title, provenance, configuration

  bool has(std::string_view name) const;
  /// @throws FormatError naming the array and those that exist.
  const NamedArray& at(std::string_view name) const;
  /// @throws InvalidInput if the data's length is not the product of the shape, or the number of
  /// dimension names is not the number of axes.
  void set(std::string name, NamedArray array);

  const std::map<std::string, NamedArray, std::less<>>& all() const { return arrays_; }

  // Conveniences. Readers convert any numeric type to double, and check the number of axes.
  void set(std::string name, ConstMatrixRef values, std::vector<std::string> dimensions,
           std::string long_name, std::string units = "1");
  void set_vector(std::string name, ConstVectorRef values, std::string dimension,
                  std::string long_name, std::string units = "1");
  void set_scalar(std::string name, double value, std::string long_name, std::string units = "1");
  void set_integers(std::string name, std::vector<std::int64_t> values, std::string dimension,
                    std::string long_name);
  void set_strings(std::string name, std::vector<std::string> values, std::string dimension,
                   std::string long_name);
  Matrix matrix(std::string_view name) const;
  Vector vector(std::string_view name) const;
  double scalar(std::string_view name) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  std::vector<std::string> strings(std::string_view name) const;
  /// All values as doubles, row-major, whatever the shape. @throws FormatError for strings.
  std::vector<double> values(std::string_view name) const;
  std::string text_attribute(std::string_view name) const;  ///< @throws FormatError if absent

  /// Copies all arrays and attributes of `other` under "prefix/", and back.
  void set_group(const std::string& prefix, const NamedArrays& other);
  NamedArrays group(const std::string& prefix) const;
  bool has_group(const std::string& prefix) const;

  /// Attributes of the groups, by prefix.
  const std::map<std::string, Attributes>& group_attributes() const { return group_attributes_; }
  void set_group_attributes(const std::string& prefix, Attributes values) {
    group_attributes_[prefix] = std::move(values);
  }

 private:
  std::map<std::string, NamedArray, std::less<>> arrays_;
  std::map<std::string, Attributes> group_attributes_;
};

}  // namespace nullcline
