// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "nullcline/io/hdf5_text_attribute.hpp"

/// Any bytes hold a configuration of at most the size asked for, or none. What HDF5 itself makes of
/// damaged headers without check sums is not asked here: it is known to fail on some
/// (docs/decisions/0011).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kMaxSize = 1 << 20;
  const auto read_at = [&](std::uint64_t offset, std::span<char> buffer) {
    if (offset > size || buffer.size() > size - offset) return false;
    std::copy_n(data + offset, buffer.size(), buffer.begin());
    return true;
  };
  const auto text = nullcline::io::read_root_text(read_at, "model_config", kMaxSize);
  if (text && text->size() > kMaxSize) std::abort();
  return 0;
}
