// SPDX-License-Identifier: BSD-3-Clause
#include <cstdlib>

#include "nullcline/core/error.hpp"
#include "nullcline/io/npz.hpp"

/// Any bytes are one array whose values fill its shape, or a FormatError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const nullcline::NamedArray array =
        nullcline::io::parse_npy(bytes, "input", {.max_bytes = 1 << 26});
    nullcline::NamedArrays().set("array", array);  // refuses values that do not fill the shape
  } catch (const nullcline::FormatError& error) {
    if (!std::string_view(error.what()).starts_with("input: ")) std::abort();
  }
  return 0;
}
