// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::cli {

/// The array `name` of an .npz file, or its only array; or the array of an .npy file; or the
/// dataset `name` of an HDF5 file. @throws FormatError
NamedArray read_array(const std::string& path, const std::string& name);

/// All values, row-major. @throws FormatError naming the path if one is NaN or infinite.
std::vector<double> finite_values(const NamedArray& array, const std::string& path);

}  // namespace nullcline::cli
