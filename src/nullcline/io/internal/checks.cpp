// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

/// Length of the valid UTF-8 sequence at the start of `text`; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80, high = 0xBF;  // of the second byte: no overlong forms, no surrogates
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  if (length == 0 || text.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  return length;
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_length) {
  std::string result;
  while (!text.empty()) {
    if (result.size() >= max_length) return result + "...";
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    // U+0080 to U+009F are control characters too.
    const bool is_c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (length == 0 || first < 0x20 || first == 0x7F || is_c1) {
      result += fmt::format("\\x{:02x}", first);
      text.remove_prefix(1);
    } else {
      result += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return result;
}

std::string as_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      result += "\xEF\xBF\xBD";
    else
      result += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string shape_text(std::span<const std::size_t> shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

std::uint64_t checked_count(std::span<const std::size_t> shape, std::size_t item_size,
                            const std::string& what) {
  constexpr std::size_t kMaxExtentOfEmpty = std::numeric_limits<std::int32_t>::max();
  std::uint64_t count = 1, bytes = 0;
  std::size_t largest = 0;
  bool overflows = false;
  for (const std::size_t extent : shape) {
    overflows |= __builtin_mul_overflow(count, std::uint64_t{extent}, &count);
    largest = std::max(largest, extent);
  }
  overflows |= __builtin_mul_overflow(count, std::uint64_t{item_size}, &bytes);
  if (overflows || (count == 0 && largest > kMaxExtentOfEmpty))
    throw FormatError(what + ": has the absurd shape " + shape_text(shape));
  return count;
}

std::string system_reason(int error) { return std::generic_category().message(error); }

std::uint64_t readable_file_size(const std::string& path) {
  const auto refuse = [&](const std::string& reason) {
    throw FormatError(printable(path, path.size()) + ": " + reason);
  };
  if (path.empty()) throw FormatError("'': no file name");
  if (path.find('\0') != std::string::npos) refuse("a file name cannot hold a zero byte");
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) refuse(system_reason(errno));
  if (S_ISDIR(status.st_mode)) refuse("is a directory, expected a file");
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file");
  if (::access(path.c_str(), R_OK) != 0) refuse(system_reason(errno));
  return static_cast<std::uint64_t>(status.st_size);
}

std::string first_bytes(const std::string& path) {
  std::string bytes(16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

void MemoryBudget::take(std::uint64_t count, std::uint64_t item_size, const std::string& what) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, item_size, &bytes) || bytes > left_)
    throw FormatError(
        fmt::format("{}: {} values of {} bytes exceed the limit of {} bytes for a file", what,
                    count, item_size, total_));
  left_ -= bytes;
}

}  // namespace nullcline::io::internal
