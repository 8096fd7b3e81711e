// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_bytes.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::uint64_t kMaxReadsOfFile = 16, kMaxMetadata = std::uint64_t{1} << 30;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

unsigned log2_above(std::uint64_t value) {
  return value <= 1 ? 0 : static_cast<unsigned>(std::bit_width(value - 1));
}

void Fields::refuse(const std::string& reason) const {
  throw FormatError(where_ + " is damaged: " + reason);
}

std::string_view Fields::take(std::uint64_t count) {
  if (count > rest_.size()) refuse(fmt::format("needs {} more bytes, has {}", count, rest_.size()));
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
  rest_.remove_prefix(taken.size());
  return taken;
}

std::uint64_t Fields::number(std::size_t n_bytes) { return little_endian(take(n_bytes)); }

void Fields::expect(std::string_view bytes) {
  if (take(bytes.size()) != bytes) refuse("does not begin with its mark");
}

void Fields::verify(std::uint64_t count) {
  if (rest_.size() < 4 || count > rest_.size() - 4) refuse("has no check sum");
  const auto n = static_cast<std::size_t>(count);
  if (little_endian(rest_.substr(n, 4)) != hdf5_check_sum(rest_.substr(0, n)))
    refuse("its check sum differs");
}

Hdf5File::Hdf5File(ReadAt read_at, std::uint64_t size, std::string what)
    : read_at_(std::move(read_at)),
      size_(size),
      left_(size < kMaxMetadata / kMaxReadsOfFile ? kMaxReadsOfFile * size : kMaxMetadata),
      what_(std::move(what)) {}

Fields Hdf5File::fields(const char* part, std::uint64_t address, std::uint64_t size) {
  const std::string where = fmt::format("{}: {} at byte {}", what_, part, address);
  if (address > size_ || size > size_ - address)
    throw FormatError(fmt::format("{} is damaged: its {} bytes are beyond the end of the file ({})",
                                  where, size, size_));
  if (size > left_) throw FormatError(what_ + ": is damaged: its parts overlap");
  left_ -= size;
  std::vector<char> bytes(static_cast<std::size_t>(size));
  if (!read_at_(address, bytes)) throw FormatError(where + " cannot be read");
  return {std::move(bytes), where};
}

std::uint32_t hdf5_check_sum(std::string_view bytes) {
  const auto start = 0xDEADBEEFu + static_cast<std::uint32_t>(bytes.size());
  std::uint32_t a = start, b = start, c = start;
  const auto add_words = [&](std::string_view block) {
    std::array<std::uint32_t, 3> words{};
    for (std::size_t i = 0; i < block.size(); ++i)
      words[i / 4] |= std::uint32_t{static_cast<unsigned char>(block[i])} << (8 * (i % 4));
    a += words[0];
    b += words[1];
    c += words[2];
  };
  const auto mix = [](std::uint32_t& x, std::uint32_t& y, std::uint32_t& z, int shift) {
    x -= z;
    x ^= std::rotl(z, shift);
    z += y;
  };
  while (bytes.size() > 12) {
    add_words(bytes.substr(0, 12));
    mix(a, b, c, 4);
    mix(b, c, a, 6);
    mix(c, a, b, 8);
    mix(a, b, c, 16);
    mix(b, c, a, 19);
    mix(c, a, b, 4);
    bytes.remove_prefix(12);
  }
  if (bytes.empty()) return c;
  add_words(bytes);
  const auto finish = [](std::uint32_t& x, std::uint32_t y, int shift) {
    x ^= y;
    x -= std::rotl(y, shift);
  };
  finish(c, b, 14);
  finish(a, c, 11);
  finish(b, a, 25);
  finish(c, b, 16);
  finish(a, c, 4);
  finish(b, a, 14);
  finish(c, b, 24);
  return c;
}

}  // namespace nullcline::io::internal
