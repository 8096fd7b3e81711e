// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxAttributes = 10000;

bool is_half(hid_t type) {
  std::size_t sign = 0, exponent = 0, exponent_size = 0, fraction = 0, fraction_size = 0;
  return H5Tget_size(type) == 2 && H5Tget_precision(type) == 16 && H5Tget_offset(type) == 0 &&
         H5Tget_fields(type, &sign, &exponent, &exponent_size, &fraction, &fraction_size) >= 0 &&
         sign == 15 && exponent == 10 && exponent_size == 5 && fraction == 0 &&
         fraction_size == 10 && H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

std::optional<NumberType> float_type(hid_t type) {
  const bool is_big_endian = H5Tget_order(type) == H5T_ORDER_BE;
  for (const hid_t known : {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_IEEE_F32LE, H5T_IEEE_F32BE})
    if (H5Tequal(type, known) > 0) return NumberType{'f', H5Tget_size(type), is_big_endian};
  if (is_half(type)) return NumberType{'f', 2, is_big_endian};
  return std::nullopt;
}

std::optional<NumberType> integer_type(hid_t type) {
  const std::size_t size = H5Tget_size(type);
  const H5T_order_t order = H5Tget_order(type);
  const bool is_whole = (size == 1 || size == 2 || size == 4 || size == 8) &&
                        H5Tget_precision(type) == 8 * size && H5Tget_offset(type) == 0;
  if (!is_whole || (order != H5T_ORDER_LE && order != H5T_ORDER_BE)) return std::nullopt;
  return NumberType{H5Tget_sign(type) == H5T_SGN_NONE ? 'u' : 'i', size, order == H5T_ORDER_BE};
}

bool is_reserved(std::string_view name) {
  return name == "CLASS" || name == "NAME" || name == "DIMENSION_LIST" ||
         name == "REFERENCE_LIST" || name == "_Netcdf4Dimid" || name == "_Netcdf4Coordinates" ||
         name == "_NCProperties" || name == "_Encoding" || name == "_nc3_strict";
}

std::optional<Attribute> read_number(hid_t attribute, const NumberType& type,
                                     const std::string& what) {
  if (type.kind == 'f') {
    double value = 0;
    require(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value), what, "read an attribute");
    return value;
  }
  if (type.kind == 'b') {
    const Handle stored = own(H5Aget_type(attribute), H5Tclose, what, "read an attribute");
    std::uint8_t value = 0;
    require(H5Aread(attribute, stored.id(), &value), what, "read an attribute");
    return std::int64_t{value != 0};
  }
  if (type.kind == 'u' && type.item_size == 8) {
    std::uint64_t value = 0;
    require(H5Aread(attribute, H5T_NATIVE_UINT64, &value), what, "read an attribute");
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    return static_cast<std::int64_t>(value);
  }
  std::int64_t value = 0;
  require(H5Aread(attribute, H5T_NATIVE_INT64, &value), what, "read an attribute");
  return value;
}

}  // namespace

std::optional<NumberType> number_type(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return float_type(type);
    case H5T_INTEGER:
      return integer_type(type);
    case H5T_ENUM:
      if (H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2) return NumberType{'b', 1, false};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

bool is_fixed_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Tget_size(type) > 0;
}

std::string without_padding(std::string_view bytes, hid_t type) {
  const H5T_str_t padding = H5Tget_strpad(type);
  if (padding == H5T_STR_NULLTERM) return std::string(bytes.substr(0, bytes.find('\0')));
  const char pad = padding == H5T_STR_SPACEPAD ? ' ' : '\0';
  return std::string(bytes.substr(0, bytes.find_last_not_of(pad) + 1));
}

std::optional<Attribute> read_attribute(hid_t object, const std::string& name,
                                        const std::string& what, MemoryBudget& budget) {
  if (H5Aexists(object, name.c_str()) <= 0) return std::nullopt;
  const Handle attribute =
      own(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, what, "read an attribute");
  const Handle type = own(H5Aget_type(attribute.id()), H5Tclose, what, "read an attribute");
  const Handle space = own(H5Aget_space(attribute.id()), H5Sclose, what, "read an attribute");
  const bool is_text = is_fixed_text(type.id());
  if (is_text && H5Sget_simple_extent_type(space.id()) == H5S_NULL) return std::string();
  if (H5Sget_simple_extent_npoints(space.id()) != 1) return std::nullopt;
  if (is_text) {
    const std::size_t size = H5Tget_size(type.id());
    budget.take(1, size, what);
    std::string bytes(size, '\0');
    require(H5Aread(attribute.id(), type.id(), bytes.data()), what, "read an attribute");
    return without_padding(bytes, type.id());
  }
  const auto number = number_type(type.id());
  return number ? read_number(attribute.id(), *number, what) : std::nullopt;
}

Attributes read_attributes(hid_t object, const std::string& what, MemoryBudget& budget) {
  std::vector<std::string> names;
  const auto add_name = [](hid_t, const char* name, const H5A_info_t*, void* data) -> herr_t {
    auto& found = *static_cast<std::vector<std::string>*>(data);
    if (found.size() >= kMaxAttributes) return 1;
    found.emplace_back(name);
    return 0;
  };
  const herr_t status =
      H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add_name, &names);
  require(status, what, "list attributes");
  if (status > 0)
    throw FormatError(fmt::format("{}: has over {} attributes", what, kMaxAttributes));
  Attributes attributes;
  for (const std::string& name : names) {
    if (is_reserved(name)) continue;
    if (auto value = read_attribute(object, name, what, budget))
      attributes.emplace(name, std::move(*value));
  }
  return attributes;
}

std::vector<std::int64_t> read_integer_list(hid_t object, const char* name,
                                            const std::string& what) {
  if (H5Aexists(object, name) <= 0) return {};
  const Handle attribute =
      own(H5Aopen(object, name, H5P_DEFAULT), H5Aclose, what, "read an attribute");
  const Handle type = own(H5Aget_type(attribute.id()), H5Tclose, what, "read an attribute");
  const Handle space = own(H5Aget_space(attribute.id()), H5Sclose, what, "read an attribute");
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  const auto number = number_type(type.id());
  if (count < 1 || count > 32 || !number || (number->kind != 'i' && number->kind != 'u')) return {};
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  require(H5Aread(attribute.id(), H5T_NATIVE_INT64, values.data()), what, "read an attribute");
  return values;
}

}  // namespace nullcline::io::internal
