// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/half.hpp"
#include "nullcline/io/internal/npy.hpp"
#include "nullcline/io/npz.hpp"

namespace nullcline::io {

namespace internal {

namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::size_t kMaxHeaderBytes = 1 << 16;
constexpr std::size_t kChunkBytes = 1 << 20;  // a multiple of every item size

struct Half {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};
struct Bool {
  std::uint8_t bits;
};

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

void read_exactly(const ReadBytes& read, std::span<char> buffer, const std::string& what) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const std::size_t count = read(buffer.subspan(filled));
    if (count == 0)
      refuse(what, fmt::format("is truncated: {} bytes are missing", buffer.size() - filled));
    filled += count;
  }
}

/// Little-endian number of 2 or 4 bytes.
std::size_t header_length(std::span<const char> bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

template <class Stored>
Stored load(const char* bytes, bool is_big_endian) {
  char local[sizeof(Stored)];
  std::memcpy(local, bytes, sizeof local);
  if (is_big_endian) std::reverse(local, local + sizeof local);
  Stored value;
  std::memcpy(&value, local, sizeof value);
  return value;
}

template <class Stored, class Value>
Value convert(Stored stored, const std::string& what) {
  if constexpr (std::is_same_v<Stored, Half>) {
    return float_from_half(stored.bits);
  } else if constexpr (std::is_same_v<Stored, BFloat16>) {
    return float_from_bfloat16(stored.bits);
  } else if constexpr (std::is_same_v<Stored, Bool>) {
    return stored.bits != 0 ? 1 : 0;
  } else if constexpr (std::is_same_v<Stored, std::uint64_t>) {
    if (stored > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      refuse(what, fmt::format("holds {}, which is beyond 64-bit signed integers", stored));
    return static_cast<std::int64_t>(stored);
  } else {
    return static_cast<Value>(stored);
  }
}

template <class Stored, class Value>
NamedArray::Data read_values(const ReadBytes& read, bool is_big_endian, std::size_t count,
                             const std::string& what, MemoryBudget& budget) {
  budget.take(count, sizeof(Value), what);
  std::vector<Value> values;
  std::vector<char> buffer(std::min(kChunkBytes, count * sizeof(Stored)));
  while (values.size() < count) {
    const std::size_t n = std::min(count - values.size(), buffer.size() / sizeof(Stored));
    read_exactly(read, std::span(buffer).first(n * sizeof(Stored)), what);
    if (values.capacity() < values.size() + n)
      values.reserve(std::min(count, std::max(2 * values.capacity(), values.size() + n)));
    for (std::size_t i = 0; i < n; ++i)
      values.push_back(convert<Stored, Value>(
          load<Stored>(buffer.data() + i * sizeof(Stored), is_big_endian), what));
  }
  return values;
}

/// Values in Fortran order, first index fastest, to C order.
template <class Value>
std::vector<Value> in_c_order(const std::vector<Value>& values,
                              const std::vector<std::size_t>& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t axis = 1; axis < shape.size(); ++axis)
    strides[axis] = strides[axis - 1] * shape[axis - 1];
  std::vector<std::size_t> index(shape.size(), 0);
  std::vector<Value> result;
  result.reserve(values.size());
  std::size_t source = 0;
  while (result.size() < values.size()) {
    result.push_back(values[source]);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/// Reads everything before the numbers; adds its length to `consumed`.
NpyHeader read_header(const ReadBytes& read, const std::string& what, std::uint64_t stored_size,
                      std::uint64_t& consumed) {
  char preamble[12] = {};
  read_exactly(read, std::span(preamble).first(8), what);
  if (std::string_view(preamble, kMagic.size()) != kMagic)
    refuse(what, "does not start with the mark of a .npy array");
  const int major = static_cast<unsigned char>(preamble[6]);
  const int minor = static_cast<unsigned char>(preamble[7]);
  if (major < 1 || major > 3 || minor != 0)
    refuse(what, fmt::format("has .npy version {}.{}, expected 1.0, 2.0 or 3.0", major, minor));
  const std::size_t n_length_bytes = major == 1 ? 2 : 4;
  const auto length_bytes = std::span(preamble).subspan(8, n_length_bytes);
  read_exactly(read, length_bytes, what);
  const std::size_t length = header_length(length_bytes);
  consumed = 8 + n_length_bytes + length;
  if (length > kMaxHeaderBytes || consumed > stored_size)
    refuse(what, fmt::format("claims a header of {} bytes, but {} bytes are there and {} allowed",
                             length, stored_size, kMaxHeaderBytes));
  std::string text(length, '\0');
  read_exactly(read, text, what);
  return parse_npy_header(text, what);
}

}  // namespace

NamedArray::Data read_numbers(const ReadBytes& read, const NumberType& type, std::uint64_t count,
                              const std::string& what, MemoryBudget& budget) {
  const auto as = [&]<class Stored, class Value>() {
    return read_values<Stored, Value>(read, type.is_big_endian, count, what, budget);
  };
  switch (type.kind) {
    case 'f':
      if (type.item_size == 2) return as.operator()<Half, float>();
      if (type.item_size == 4) return as.operator()<float, float>();
      return as.operator()<double, double>();
    case 'B':
      return as.operator()<BFloat16, float>();
    case 'i':
      if (type.item_size == 1) return as.operator()<std::int8_t, std::int64_t>();
      if (type.item_size == 2) return as.operator()<std::int16_t, std::int64_t>();
      if (type.item_size == 4) return as.operator()<std::int32_t, std::int64_t>();
      return as.operator()<std::int64_t, std::int64_t>();
    case 'u':
      if (type.item_size == 1) return as.operator()<std::uint8_t, std::uint8_t>();
      if (type.item_size == 2) return as.operator()<std::uint16_t, std::int64_t>();
      if (type.item_size == 4) return as.operator()<std::uint32_t, std::int64_t>();
      return as.operator()<std::uint64_t, std::int64_t>();
    default:
      NULLCLINE_ASSERT(type.kind == 'b');
      return as.operator()<Bool, std::uint8_t>();
  }
}

NamedArray read_npy_stream(const ReadBytes& read, std::uint64_t stored_size,
                           const std::string& what, MemoryBudget& budget) {
  std::uint64_t consumed = 0;
  const NpyHeader header = read_header(read, what, stored_size, consumed);
  const std::uint64_t count = checked_count(header.shape, header.type.item_size, what);
  const std::uint64_t bytes = count * header.type.item_size;
  if (bytes != stored_size - consumed)
    refuse(what, fmt::format("holds {} bytes of numbers, but type {}{} and shape {} need {}",
                             stored_size - consumed, header.type.kind, header.type.item_size,
                             shape_text(header.shape), bytes));
  NamedArray array;
  array.shape = header.shape;
  array.data = read_numbers(read, header.type, count, what, budget);
  char surplus = 0;
  if (read(std::span(&surplus, 1)) != 0) refuse(what, "holds more bytes than its shape needs");
  if (header.is_fortran_order && header.shape.size() > 1)
    std::visit([&](auto& values) { values = in_c_order(values, header.shape); }, array.data);
  return array;
}

}  // namespace internal

NamedArray parse_npy(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  internal::MemoryBudget budget(limits.max_bytes);
  const std::uint64_t size = bytes.size();
  const internal::ReadBytes read = [&](std::span<char> buffer) {
    const std::size_t count = std::min(buffer.size(), bytes.size());
    std::copy_n(bytes.data(), count, buffer.data());
    bytes.remove_prefix(count);
    return count;
  };
  return internal::read_npy_stream(read, size, what, budget);
}

NamedArrays read_npy(const std::string& path, const ReadLimits& limits) {
  const std::uint64_t size = internal::readable_file_size(path);
  const std::string what = internal::printable(path, path.size());
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FormatError(what + ": cannot be opened");
  internal::MemoryBudget budget(limits.max_bytes);
  const internal::ReadBytes read = [&](std::span<char> buffer) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    return static_cast<std::size_t>(file.gcount());
  };
  NamedArrays arrays;
  arrays.set("array", internal::read_npy_stream(read, size, what, budget));
  return arrays;
}

}  // namespace nullcline::io
