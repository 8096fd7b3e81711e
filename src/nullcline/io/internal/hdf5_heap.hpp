// SPDX-License-Identifier: BSD-3-Clause
// Where HDF5 keeps many small things: B-trees of version 2 (III.A.2) lead to objects in fractal
// heaps (III.G), and data of variable length are in global heaps (III.E).
#pragma once

#include <map>
#include <optional>

#include "nullcline/io/internal/hdf5_bytes.hpp"

namespace nullcline::io::internal {

/// All records of a B-tree of version 2, in its order. @throws FormatError for records of another
/// size, and for more of them than `max_records`.
std::vector<std::string> read_records(Hdf5File& file, std::uint64_t tree, std::size_t record_size,
                                      std::size_t max_records);

class FractalHeap {
 public:
  FractalHeap(Hdf5File& file, std::uint64_t address);

  std::size_t id_size() const { return id_size_; }
  /// The object of an identifier from a B-tree.
  std::string object(std::string_view id);

 private:
  std::string managed_object(std::uint64_t offset, std::uint64_t length);
  std::string huge_object(std::uint64_t id);
  const std::vector<char>& block(std::uint64_t address, std::uint64_t size, bool is_direct);
  std::uint64_t block_header_size() const { return 5 + 8 + offset_size_; }
  std::uint64_t row_size(unsigned row) const { return start_size_ << (row == 0 ? 0 : row - 1); }

  Hdf5File* file_;
  std::uint64_t address_;
  std::size_t id_size_ = 0, offset_size_ = 0, length_size_ = 0;
  bool has_check_sums_ = false;
  std::uint64_t huge_tree_ = 0, width_ = 0, start_size_ = 0, max_direct_size_ = 0, root_ = 0;
  unsigned n_root_rows_ = 0;
  std::map<std::uint64_t, std::vector<char>> blocks_;
  struct Place {
    std::uint64_t address, size;
  };
  std::optional<std::map<std::uint64_t, Place>> huge_;
};

/// Data of variable length.
class GlobalHeaps {
 public:
  explicit GlobalHeaps(Hdf5File& file) : file_(&file) {}

  /// The first `length` bytes of an object. @throws FormatError if it is not there or is shorter.
  std::string object(std::uint64_t collection, std::uint64_t index, std::uint64_t length);

 private:
  Hdf5File* file_;
  std::map<std::uint64_t, std::map<std::uint64_t, std::string>> collections_;
};

}  // namespace nullcline::io::internal
