// SPDX-License-Identifier: BSD-3-Clause
// The bytes of an HDF5 file. The parsers over them follow the HDF5 File Format Specification,
// version 3.0; a number such as III.A.1 in their comments names its sections.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nullcline::io::internal {

/// Fills the buffer from a place in the file; returns false if the file ends before.
using ReadAt = std::function<bool(std::uint64_t offset, std::span<char> buffer)>;

/// An address that points nowhere.
inline constexpr std::uint64_t kUndefined = ~std::uint64_t{0};

/// Smallest n with 2^n >= value.
unsigned log2_above(std::uint64_t value);

/// Little-endian fields of one part of a file, in order. Every access is checked.
class Fields {
 public:
  /// `where` begins messages: "file.h5: the local heap at byte 96".
  Fields(std::vector<char> bytes, std::string where)
      : owned_(std::move(bytes)), rest_(owned_.data(), owned_.size()), where_(std::move(where)) {}
  /// Over bytes that somebody else keeps.
  Fields(std::string_view bytes, std::string where) : rest_(bytes), where_(std::move(where)) {}
  Fields(Fields&&) = default;
  Fields& operator=(Fields&&) = default;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;
  ~Fields() = default;

  /// The next `count` bytes, valid while this lives. @throws FormatError if they are not there.
  std::string_view take(std::uint64_t count);
  /// The next unsigned number, of at most 8 bytes.
  std::uint64_t number(std::size_t n_bytes);
  std::uint64_t address() { return number(8); }
  /// @throws FormatError unless the next bytes are these.
  void expect(std::string_view bytes);
  /// @throws FormatError if the bytes after the first `count` are not the check sum of those.
  /// To be called before anything is taken.
  void verify(std::uint64_t count);
  std::size_t left() const { return rest_.size(); }
  const std::string& where() const { return where_; }
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  std::vector<char> owned_;
  std::string_view rest_;
  std::string where_;
};

/// A file of HDF5. What it says about itself (everything but the numbers of its arrays) is read
/// through `fields`, at most 16 times as many bytes in all as the file has and 1 GiB: parts that
/// refer to each other in circles, or thousands of times to one part, end there.
class Hdf5File {
 public:
  Hdf5File(ReadAt read_at, std::uint64_t size, std::string what);

  Fields fields(const char* part, std::uint64_t address, std::uint64_t size);
  bool read(std::uint64_t offset, std::span<char> buffer) const { return read_at_(offset, buffer); }
  std::uint64_t size() const { return size_; }
  const std::string& what() const { return what_; }

 private:
  ReadAt read_at_;
  std::uint64_t size_;
  std::uint64_t left_;
  std::string what_;
};

/// Check sum of metadata: Bob Jenkins's lookup3 (2006, public domain), "hashlittle" from 0.
std::uint32_t hdf5_check_sum(std::string_view bytes);

}  // namespace nullcline::io::internal
