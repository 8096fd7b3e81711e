// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

/// Writes one NetCDF-4-compatible HDF5 file that xarray.open_dataset reads: dimensions become
/// dimension scales, "group/name" a group, text fixed UTF-8, attributes attributes. Atomic: written to
/// a temporary name in the same folder, synced, renamed; on any failure nothing is left behind and an
/// old file stays as it was.
/// @throws FormatError naming the path and the system's reason.
void write_hdf5(const std::string& path, const NamedArrays& arrays);

/// Reads what write_hdf5 wrote, and other HDF5 files of plain numeric and text datasets. File locking
/// is off; external links and external storage are refused.
/// @throws FormatError naming path and object.
NamedArrays read_hdf5(const std::string& path, const ReadLimits& limits = {});

}  // namespace nullcline::io
