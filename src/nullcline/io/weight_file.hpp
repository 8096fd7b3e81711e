// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "nullcline/core/enum_names.hpp"
#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

enum class WeightFormat { npz, safetensors, torch, keras, hdf5 };

/// By the file's content, never by its name. @throws FormatError if it is none of them.
WeightFormat weight_format(const std::string& path);

/// Reads the arrays of a file in any of these formats, as its own reader does.
/// @throws FormatError
NamedArrays read_weights(const std::string& path, const ReadLimits& limits = {});

}  // namespace nullcline::io

template <>
struct nullcline::EnumNames<nullcline::io::WeightFormat> {
  static constexpr std::array values{
      std::pair{nullcline::io::WeightFormat::npz, "npz"},
      std::pair{nullcline::io::WeightFormat::safetensors, "safetensors"},
      std::pair{nullcline::io::WeightFormat::torch, "torch"},
      std::pair{nullcline::io::WeightFormat::keras, "keras"},
      std::pair{nullcline::io::WeightFormat::hdf5, "hdf5"},
  };
};
