// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

/// The attribute that holds a Keras model's configuration (JSON).
inline constexpr const char* kKerasConfiguration = "keras_configuration";

/// Reads the weights of Keras under their names inside HDF5, from .keras (Keras 3: a zip archive of
/// config.json and model.weights.h5), .weights.h5, or .h5 of Keras 2 and 3; and the configuration
/// as an attribute where the file has one. Also any other file that read_hdf5 reads. Links to other
/// files are refused.
/// @throws FormatError naming path, member or object.
NamedArrays read_keras(const std::string& path, const ReadLimits& limits = {});

/// As read_keras, from memory; `what` names the source in messages.
NamedArrays parse_keras(std::string_view bytes, const std::string& what,
                        const ReadLimits& limits = {});

}  // namespace nullcline::io
