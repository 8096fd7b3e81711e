// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/internal/hdf5_handle.hpp"
#include "nullcline/io/internal/npy.hpp"

namespace nullcline::io::internal {

/// How an HDF5 type stores numbers: IEEE floating point of 2, 4 or 8 bytes, whole-byte integers,
/// and the enumeration of one byte by which h5py and NetCDF mean bool. Nothing for any other type.
std::optional<NumberType> number_type(hid_t type);

/// Text of fixed length.
bool is_fixed_text(hid_t type);

/// The text in `bytes` without the padding of `type`.
std::string without_padding(std::string_view bytes, hid_t type);

/// The attributes of an object that are one number or one text of fixed length. Others are left
/// out, and so are the ones that dimension scales and NetCDF-4 keep for themselves.
Attributes read_attributes(hid_t object, const std::string& what, MemoryBudget& budget);

/// One attribute, reserved or not; nothing if it is absent or not one number or text.
std::optional<Attribute> read_attribute(hid_t object, const std::string& name,
                                        const std::string& what, MemoryBudget& budget);

/// An attribute that is a list of at most 32 integers; empty if it is absent or anything else.
std::vector<std::int64_t> read_integer_list(hid_t object, const char* name,
                                            const std::string& what);

}  // namespace nullcline::io::internal
