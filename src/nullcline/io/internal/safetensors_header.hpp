// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::io::internal {

struct TensorInfo {
  std::string type;  ///< "F32"
  std::vector<std::size_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes, from the end of the header
};

struct SafetensorsHeader {
  std::map<std::string, TensorInfo> tensors;
  Attributes metadata;
};

/// Parses {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...} and nothing
/// else. Memory stays in proportion to the tensors read so far, whatever the text nests.
/// @throws FormatError starting with `what`.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t max_tensors,
                                           const std::string& what);

}  // namespace nullcline::io::internal
