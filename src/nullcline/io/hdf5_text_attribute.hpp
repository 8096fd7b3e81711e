// SPDX-License-Identifier: BSD-3-Clause
// Text of variable length, by our own reading of the bytes: HDF5 1.10 may overflow the heap on it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nullcline::io {

/// Fills the buffer from a place in the file; returns false if the file ends before.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<char> buffer)>;

/// The root group's attribute `name`, if it is one text of variable length in a header of version 1
/// (h5py's and Keras's default) and has at most `max_size` bytes; nothing otherwise, and nothing
/// where the bytes are damaged. Follows the HDF5 File Format Specification, version 3.0, sections
/// II.A (superblock), IV.A.1.a (object header), IV.A.2.m (attribute) and III.E (global heap).
std::optional<std::string> read_root_text(const ReadAt& read_at, std::string_view name,
                                          std::uint64_t max_size);

}  // namespace nullcline::io
