// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::io {

/// What a file may ask for before it is refused.
struct ReadLimits {
  std::uint64_t max_bytes = std::uint64_t{4} << 30;  ///< of all arrays, decompressed
  std::uint64_t max_arrays = 100000;
  /// Members of an .npz that are left out unread, such as one that numpy pickled.
  std::vector<std::string> ignored{};
};

/// Reads numpy's .npz: stored or deflated .npy members of versions 1 to 3, dtypes f2 f4 f8, signed
/// and unsigned integers, bool, either byte order, C or Fortran order. Never allocates more than
/// the data that are there, and never more than the limits; never executes anything.
/// @throws FormatError naming path, member, found and expected.
NamedArrays read_npz(const std::string& path, const ReadLimits& limits = {});

/// Reads one .npy file; the array's name is "array".
NamedArrays read_npy(const std::string& path, const ReadLimits& limits = {});

/// As read_npy, from memory; `what` names the source in messages.
NamedArray parse_npy(std::string_view bytes, const std::string& what,
                     const ReadLimits& limits = {});

/// As read_npz, from memory.
NamedArrays parse_npz(std::string_view bytes, const std::string& what,
                      const ReadLimits& limits = {});

}  // namespace nullcline::io
