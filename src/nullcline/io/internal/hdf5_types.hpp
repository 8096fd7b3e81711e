// SPDX-License-Identifier: BSD-3-Clause
// Types (IV.A.2.d), shapes (IV.A.2.b) and attributes (IV.A.2.m).
#pragma once

#include <map>
#include <optional>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/internal/hdf5_header.hpp"
#include "nullcline/io/internal/hdf5_heap.hpp"
#include "nullcline/io/internal/npy.hpp"

namespace nullcline::io::internal {

struct Datatype {
  enum class Kind { number, text, variable_text, variable, other };
  Kind kind = Kind::other;
  std::uint64_t size = 0;  ///< bytes of one element, in the file
  /// Of IEEE floating point of 2, 4 or 8 bytes, whole-byte integers, and the enumeration of one
  /// byte by which h5py and NetCDF mean bool.
  NumberType number;
  char padding = 0;  ///< of text: 0 ends at the first zero, 1 filled with zeros, 2 with spaces

  /// Text without its padding.
  std::string text(std::string_view bytes) const;
};

/// @throws FormatError for bytes that end early; other unknown types are `other`.
Datatype parse_datatype(std::string_view bytes, const std::string& what);

struct Dataspace {
  bool is_null = false;  ///< no values at all
  std::vector<std::size_t> shape;
};

Dataspace parse_dataspace(std::string_view bytes, const std::string& what);

/// An attribute as it is stored.
struct StoredAttribute {
  Datatype type;
  Dataspace space;
  std::string data;

  std::uint64_t count() const;
  /// Its numbers, if it has 1 to 32 of them.
  std::optional<std::vector<Attribute>> numbers() const;
};

/// The attributes of one object.
class AttributeTable {
 public:
  AttributeTable(Hdf5File& file, GlobalHeaps& heaps, const ObjectHeader& header,
                 const std::string& what, MemoryBudget& budget);

  /// Those that are one number or one text. Others are left out, and so are the ones that dimension
  /// scales and NetCDF-4 keep for themselves.
  Attributes values() const;
  /// One attribute, reserved or not; nothing if it is absent or not one number or text.
  std::optional<Attribute> value(const std::string& name) const;
  /// An attribute that is a list of at most 32 integers; empty if it is absent or anything else.
  std::vector<std::int64_t> integers(const std::string& name) const;

 private:
  void add(std::string_view message, const std::string& what);

  std::map<std::string, StoredAttribute> stored_;
  GlobalHeaps* heaps_;
  std::string what_;
  MemoryBudget* budget_;
};

}  // namespace nullcline::io::internal
