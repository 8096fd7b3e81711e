// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/npy.hpp"
#include "nullcline/io/internal/safetensors_header.hpp"

namespace nullcline::io {

namespace {

using internal::NumberType;
using internal::printable;
using internal::ReadBytes;
using internal::TensorInfo;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

NumberType number_type(const std::string& name, const std::string& what) {
  static constexpr std::array<std::pair<std::string_view, NumberType>, 13> kTypes{{
      {"F64", {'f', 8, false}},
      {"F32", {'f', 4, false}},
      {"F16", {'f', 2, false}},
      {"BF16", {'B', 2, false}},
      {"I64", {'i', 8, false}},
      {"I32", {'i', 4, false}},
      {"I16", {'i', 2, false}},
      {"I8", {'i', 1, false}},
      {"U64", {'u', 8, false}},
      {"U32", {'u', 4, false}},
      {"U16", {'u', 2, false}},
      {"U8", {'u', 1, false}},
      {"BOOL", {'b', 1, false}},
  }};
  for (const auto& [known, type] : kTypes)
    if (name == known) return type;
  refuse(what, fmt::format("has type '{}', expected F64 F32 F16 BF16, I8 to I64, U8 to U64 or BOOL",
                           printable(name, 20)));
}

std::string read_header_text(const ReadBytes& read, std::uint64_t size, const std::string& what) {
  std::array<char, kLengthBytes> bytes{};
  if (size < kLengthBytes || read(bytes) != bytes.size())
    refuse(what, "is too short for a safetensors file");
  std::uint64_t length = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    length = (length << 8) | static_cast<unsigned char>(bytes[i]);
  if (length > kMaxHeaderBytes || length > size - kLengthBytes)
    refuse(what, fmt::format("is no safetensors file: claims a header of {} bytes in a file of {}",
                             length, size));
  std::string text(static_cast<std::size_t>(length), '\0');
  if (read(text) != text.size()) refuse(what, "is truncated");
  return text;
}

/// Reads the arrays in the order of their bytes, which have to follow each other.
NamedArrays read_stream(const ReadBytes& read, std::uint64_t size, const std::string& what,
                        const ReadLimits& limits) {
  const std::string text = read_header_text(read, size, what);
  auto header = internal::parse_safetensors_header(text, limits.max_arrays, what);
  std::vector<std::pair<std::string, TensorInfo>> tensors(header.tensors.begin(),
                                                          header.tensors.end());
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.begin, a.second.end) < std::pair(b.second.begin, b.second.end);
  });
  const std::uint64_t data_size = size - kLengthBytes - text.size();
  internal::MemoryBudget budget(limits.max_bytes);
  NamedArrays arrays;
  arrays.attributes = std::move(header.metadata);
  std::uint64_t position = 0;
  for (auto& [name, tensor] : tensors) {
    const std::string where = fmt::format("{}: array '{}'", what, printable(name));
    const NumberType type = number_type(tensor.type, where);
    const std::uint64_t count = internal::checked_count(tensor.shape, type.item_size, where);
    if (tensor.begin != position || tensor.end > data_size || tensor.end < tensor.begin ||
        tensor.end - tensor.begin != count * type.item_size)
      refuse(where,
             fmt::format("lies at bytes {} to {} of {}, expected {} bytes from {}", tensor.begin,
                         tensor.end, data_size, count * type.item_size, position));
    position = tensor.end;
    NamedArray array;
    array.data = internal::read_numbers(read, type, count, where, budget);
    array.shape = std::move(tensor.shape);
    arrays.set(name, std::move(array));
  }
  if (position != data_size)
    refuse(what, fmt::format("holds {} bytes that belong to no array", data_size - position));
  return arrays;
}

}  // namespace

NamedArrays parse_safetensors(std::string_view bytes, const std::string& what,
                              const ReadLimits& limits) {
  const std::uint64_t size = bytes.size();
  const ReadBytes read = [&](std::span<char> buffer) {
    const std::size_t count = std::min(buffer.size(), bytes.size());
    std::copy_n(bytes.data(), count, buffer.data());
    bytes.remove_prefix(count);
    return count;
  };
  return read_stream(read, size, what, limits);
}

NamedArrays read_safetensors(const std::string& path, const ReadLimits& limits) {
  const std::uint64_t size = internal::readable_file_size(path);
  std::ifstream file(path, std::ios::binary);
  const ReadBytes read = [&](std::span<char> buffer) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    return static_cast<std::size_t>(file.gcount());
  };
  return read_stream(read, size, printable(path, path.size()), limits);
}

}  // namespace nullcline::io
