// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

/// Writes one NetCDF-4-compatible HDF5 file that xarray.open_dataset reads: dimensions become
/// dimension scales, "group/name" a group, text fixed UTF-8, attributes attributes. Axes without a
/// name are called "dim_<extent>". Dimensions belong to a group: within it one name has one extent.
/// The same arrays give the same bytes. Atomic: written to a temporary name in the same folder,
/// synced, renamed; on any failure nothing is left behind and an old file stays as it was.
/// @throws FormatError naming the path and the system's reason; InvalidInput for names that a file
/// cannot hold or that mean two things.
void write_hdf5(const std::string& path, const NamedArrays& arrays);

/// Reads what write_hdf5 wrote, and other HDF5 files (superblocks 0 to 3) of plain numeric and
/// fixed-length text datasets in contiguous or compact storage, without libhdf5: damaged files are
/// refused, and never crash. Refused are soft and external links, external storage, chunks and
/// compression, variable-length arrays, and arrays that declare more bytes than the file has.
/// Attributes that are not one number or text are left out.
/// @throws FormatError naming path and object.
NamedArrays read_hdf5(const std::string& path, const ReadLimits& limits = {});

/// As read_hdf5, from memory; `what` names the source in messages.
NamedArrays parse_hdf5(std::string_view bytes, const std::string& what,
                       const ReadLimits& limits = {});

}  // namespace nullcline::io
