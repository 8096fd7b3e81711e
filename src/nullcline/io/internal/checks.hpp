// SPDX-License-Identifier: BSD-3-Clause
// What every reader of untrusted bytes needs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nullcline::io::internal {

/// `text` fit for a one-line message: bytes that are not printable ASCII or UTF-8 become \xNN, and
/// what is longer than `max_length` is cut.
std::string printable(std::string_view text, std::size_t max_length = 100);

/// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string as_utf8(std::string_view text);
bool is_utf8(std::string_view text);

/// "(3, 4)"
std::string shape_text(std::span<const std::size_t> shape);

/// Number of values; an empty shape has one. @throws FormatError starting with `what` for a shape
/// whose bytes no number counts, or that is empty and yet has an extent that no loop ends.
std::uint64_t checked_count(std::span<const std::size_t> shape, std::size_t item_size,
                            const std::string& what);

/// The text of errno value `error`.
std::string system_reason(int error);

/// Size in bytes of a regular file that can be read.
/// @throws FormatError if `path` is missing, a directory, or anything else.
std::uint64_t readable_file_size(const std::string& path);

/// Up to 16 bytes from the start of a file; fewer if there are fewer.
std::string first_bytes(const std::string& path);

/// Bytes of memory that a reader may still hand out.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t bytes) : total_(bytes), left_(bytes) {}
  /// Takes count * item_size bytes. @throws FormatError starting with `what` if they are not there.
  void take(std::uint64_t count, std::uint64_t item_size, const std::string& what);

 private:
  std::uint64_t total_;
  std::uint64_t left_;
};

}  // namespace nullcline::io::internal
