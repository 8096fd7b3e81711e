// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>

#include "nullcline/core/error.hpp"
#include "nullcline/io/keras_file.hpp"

/// Any bytes are the weights of a model or a FormatError: archives, and HDF5 with and without check
/// sums.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    nullcline::io::parse_keras(bytes, "input", {.max_bytes = 1 << 26, .max_arrays = 1000});
  } catch (const nullcline::FormatError& error) {
    if (!std::string_view(error.what()).starts_with("input: ")) std::abort();
  }
  return 0;
}
