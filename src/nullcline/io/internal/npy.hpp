// SPDX-License-Identifier: BSD-3-Clause
// The .npy format (NumPy enhancement proposal 1): magic, version, header length, a Python
// dictionary literal that gives type, order and shape, then the numbers.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/core/named_arrays.hpp"
#include "nullcline/io/internal/checks.hpp"

namespace nullcline::io::internal {

/// How a file stores numbers.
struct NumberType {
  char kind = 'f';            ///< f, i, u or b, as numpy's dtype.kind; B: bfloat16
  std::size_t item_size = 8;  ///< bytes per number
  bool is_big_endian = false;
};

struct NpyHeader {
  NumberType type;
  bool is_fortran_order = false;
  std::vector<std::size_t> shape;
};

/// Reads the dictionary, for example {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
/// Accepts these three keys in any order, once each, and nothing else; evaluates nothing.
/// @throws FormatError starting with `what`.
NpyHeader parse_npy_header(std::string_view text, const std::string& what);

/// Fills the buffer as far as bytes are left, and returns how many it wrote.
using ReadBytes = std::function<std::size_t(std::span<char>)>;

/// Reads `count` numbers. Memory grows with the bytes that `read` really gives.
/// @throws FormatError starting with `what`.
NamedArray::Data read_numbers(const ReadBytes& read, const NumberType& type, std::uint64_t count,
                              const std::string& what, MemoryBudget& budget);

/// Reads one array of exactly `stored_size` bytes, header included.
/// @throws FormatError starting with `what`.
NamedArray read_npy_stream(const ReadBytes& read, std::uint64_t stored_size,
                           const std::string& what, MemoryBudget& budget);

}  // namespace nullcline::io::internal
