// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_heap.hpp"

#include <fmt/format.h>

#include <bit>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::uint64_t kTreeOverhead = 10;  // mark, version, type, check sum
constexpr unsigned kMaxTreeDepth = 16;

/// Bytes that hold numbers up to `limit`.
std::size_t bytes_for(std::uint64_t limit) {
  return (std::max<std::size_t>(static_cast<std::size_t>(std::bit_width(limit)), 1) + 7) / 8;
}

/// A B-tree of version 2: nodes of one size, filled with records and, above the leaves, with
/// pointers whose width follows from how many records may lie below.
class RecordTree {
 public:
  RecordTree(Hdf5File& file, std::uint64_t address, std::size_t record_size,
             std::size_t max_records)
      : file_(file), record_size_(record_size), max_records_(max_records) {
    Fields header = file.fields("the B-tree", address, 38);
    header.verify(34);
    header.expect("BTHD");
    if (header.number(1) != 0) header.refuse("has an unknown version");
    header.take(1);
    node_size_ = header.number(4);
    if (const std::uint64_t found = header.number(2); found != record_size)
      header.refuse(fmt::format("has records of {} bytes, expected {}", found, record_size));
    const std::uint64_t depth = header.number(2);
    header.take(2);
    const std::uint64_t root = header.address(), n_records = header.number(2);
    if (depth > kMaxTreeDepth || node_size_ < kTreeOverhead + record_size)
      header.refuse("has an unusable shape");
    prepare_levels(static_cast<unsigned>(depth), header);
    if (n_records > 0) read_node(root, n_records, static_cast<unsigned>(depth));
  }

  std::vector<std::string> take_records() { return std::move(records_); }

 private:
  void prepare_levels(unsigned depth, const Fields& header) {
    const std::uint64_t max_in_leaf = (node_size_ - kTreeOverhead) / record_size_;
    count_size_ = bytes_for(max_in_leaf);
    std::uint64_t max_below = max_in_leaf;
    total_sizes_ = {0};  // leaves store no total
    for (unsigned level = 1; level <= depth; ++level) {
      const std::uint64_t pointer = 8 + count_size_ + total_sizes_.back();
      if (node_size_ < kTreeOverhead + pointer) header.refuse("has an unusable shape");
      const std::uint64_t max_here =
          (node_size_ - kTreeOverhead - pointer) / (record_size_ + pointer);
      std::uint64_t product = 0;
      if (__builtin_mul_overflow(max_here + 1, max_below, &product) ||
          __builtin_add_overflow(product, max_here, &max_below))
        header.refuse("has an unusable shape");
      total_sizes_.push_back(bytes_for(max_below));
    }
  }

  void read_node(std::uint64_t address, std::uint64_t n_records, unsigned level) {
    const std::uint64_t pointer = level == 0 ? 0 : 8 + count_size_ + total_sizes_[level - 1];
    // Counts have at most 4 bytes and sizes at most 2: no product overflows.
    const std::uint64_t size =
        6 + n_records * record_size_ + (level == 0 ? 0 : (n_records + 1) * pointer);
    Fields node = file_.fields("the node of a B-tree", address, size + 4);
    node.verify(size);
    node.expect(level == 0 ? "BTLF" : "BTIN");
    node.take(2);
    for (std::uint64_t i = 0; i < n_records; ++i) {
      if (records_.size() >= max_records_)
        throw FormatError(
            fmt::format("{}: holds more than {} objects", file_.what(), max_records_));
      records_.emplace_back(node.take(record_size_));
    }
    if (level == 0) return;
    for (std::uint64_t i = 0; i <= n_records; ++i) {
      const std::uint64_t child = node.address(), n_below = node.number(count_size_);
      node.take(total_sizes_[level - 1]);
      read_node(child, n_below, level - 1);
    }
  }

  Hdf5File& file_;
  std::uint64_t record_size_;
  std::size_t max_records_;
  std::uint64_t node_size_ = 0;
  std::size_t count_size_ = 0;
  std::vector<std::size_t> total_sizes_;
  std::vector<std::string> records_;
};

}  // namespace

std::vector<std::string> read_records(Hdf5File& file, std::uint64_t tree, std::size_t record_size,
                                      std::size_t max_records) {
  return RecordTree(file, tree, record_size, max_records).take_records();
}

FractalHeap::FractalHeap(Hdf5File& file, std::uint64_t address) : file_(&file), address_(address) {
  Fields header = file.fields("the fractal heap", address, 146);
  header.verify(142);
  header.expect("FRHP");
  if (header.number(1) != 0) header.refuse("has an unknown version");
  id_size_ = header.number(2);
  if (header.number(2) != 0) header.refuse("is compressed, which is not supported");
  has_check_sums_ = (header.number(1) & 2) != 0;
  const std::uint64_t max_managed_size = header.number(4);
  header.take(8);
  huge_tree_ = header.address();
  header.take(10 * 8);  // free space, and counts of all sorts
  width_ = header.number(2);
  start_size_ = header.number(8);
  max_direct_size_ = header.number(8);
  const std::uint64_t address_bits = header.number(2);
  header.take(2);
  root_ = header.address();
  n_root_rows_ = static_cast<unsigned>(header.number(2));
  if (!std::has_single_bit(width_) || !std::has_single_bit(start_size_) ||
      !std::has_single_bit(max_direct_size_) || start_size_ > max_direct_size_ ||
      address_bits > 56 || log2_above(width_) + log2_above(max_direct_size_) > address_bits ||
      id_size_ < 2 || id_size_ > 64)
    header.refuse("has an unusable shape");
  offset_size_ = (address_bits + 7) / 8;
  length_size_ =
      std::min<std::size_t>((log2_above(max_direct_size_) + 7) / 8, bytes_for(max_managed_size));
}

std::string FractalHeap::object(std::string_view id) {
  Fields fields(id,
                fmt::format("{}: an identifier of the heap at byte {}", file_->what(), address_));
  const std::uint64_t kind = fields.number(1) >> 4;  // the version, which is 0, and the type
  constexpr std::uint64_t kManaged = 0, kHuge = 1;
  if (kind == kManaged) {
    const std::uint64_t offset = fields.number(offset_size_);
    return managed_object(offset, fields.number(length_size_));
  }
  if (kind == kHuge) return huge_object(fields.number(std::min<std::size_t>(8, id.size() - 1)));
  fields.refuse("is of an unknown kind");
}

const std::vector<char>& FractalHeap::block(std::uint64_t address, std::uint64_t size,
                                            bool is_direct) {
  const auto known = blocks_.find(address);
  if (known != blocks_.end() && known->second.size() == size) return known->second;
  Fields fields = file_->fields("the block of a heap", address, size);
  const std::string_view view = fields.take(size);
  std::vector<char> bytes(view.begin(), view.end());
  const std::uint64_t sum_at = is_direct ? block_header_size() : size - 4;
  if (!view.starts_with(is_direct ? "FHDB" : "FHIB") || size < block_header_size() + 4)
    fields.refuse("does not begin with its mark");
  if (!is_direct || has_check_sums_) {
    Fields sum(view.substr(static_cast<std::size_t>(sum_at), 4), fields.where());
    std::string summed(view);
    if (is_direct)
      summed.replace(static_cast<std::size_t>(sum_at), 4, 4, '\0');
    else
      summed.resize(static_cast<std::size_t>(sum_at));
    if (sum.number(4) != hdf5_check_sum(summed)) fields.refuse("its check sum differs");
  }
  return blocks_[address] = std::move(bytes);
}

/// Blocks lie behind each other in the heap's own space, `width_` to a row; the sizes of rows are
/// start, start, 2 start, 4 start, ... Beyond the largest direct size, a block is again rows.
std::string FractalHeap::managed_object(std::uint64_t offset, std::uint64_t length) {
  std::uint64_t address = root_, begin = 0, size = start_size_;
  bool is_direct = n_root_rows_ == 0;
  for (unsigned n_rows = n_root_rows_; !is_direct;) {
    const std::uint64_t table_size = block_header_size() + n_rows * width_ * 8 + 4;
    const std::vector<char>& table = block(address, table_size, false);
    const std::uint64_t relative = offset - begin, first_row = start_size_ * width_;
    const auto row = static_cast<unsigned>(std::bit_width(relative / first_row));
    Fields entry({table.data(), table.size()}, file_->what() + ": the block of a heap");
    if (row >= n_rows) entry.refuse("an object lies outside");
    size = row_size(row);
    const std::uint64_t row_begin = row == 0 ? 0 : first_row << (row - 1);
    const std::uint64_t column = (relative - row_begin) / size;
    entry.take(block_header_size() + 8 * (row * width_ + column));
    address = entry.address();
    begin += row_begin + column * size;
    is_direct = size <= max_direct_size_;
    n_rows = log2_above(size) - std::min(log2_above(size), log2_above(first_row)) + 1;
  }
  const std::vector<char>& bytes = block(address, size, true);
  if (offset < begin || offset - begin > size || length > size - (offset - begin))
    throw FormatError(fmt::format("{}: an object of the heap at byte {} lies outside its block",
                                  file_->what(), address_));
  return {bytes.data() + (offset - begin), static_cast<std::size_t>(length)};
}

std::string FractalHeap::huge_object(std::uint64_t id) {
  if (!huge_) {
    huge_.emplace();
    for (const std::string& record :
         read_records(*file_, huge_tree_, 24, static_cast<std::size_t>(file_->size() / 24))) {
      Fields fields(record, file_->what());
      const std::uint64_t address = fields.address(), length = fields.number(8);
      huge_->emplace(fields.number(8), Place{address, length});
    }
  }
  const auto found = huge_->find(id);
  if (found == huge_->end())
    throw FormatError(fmt::format("{}: the heap at byte {} is damaged: has no object {}",
                                  file_->what(), address_, id));
  Fields fields = file_->fields("the object of a heap", found->second.address, found->second.size);
  return std::string(fields.take(found->second.size));
}

std::string GlobalHeaps::object(std::uint64_t collection, std::uint64_t index,
                                std::uint64_t length) {
  auto known = collections_.find(collection);
  if (known == collections_.end()) {
    Fields start = file_->fields("the global heap", collection, 16);
    start.expect("GCOL");
    start.take(4);
    const std::uint64_t size = start.number(8);
    Fields fields = file_->fields("the global heap", collection, size);
    fields.take(16);
    known = collections_.emplace(collection, std::map<std::uint64_t, std::string>()).first;
    while (fields.left() >= 16) {
      const std::uint64_t object = fields.number(2);
      fields.take(6);
      const std::uint64_t object_size = fields.number(8);
      if (object == 0) break;  // free space
      known->second.emplace(object, fields.take(object_size));
      fields.take(std::min<std::uint64_t>(fields.left(), (8 - object_size % 8) % 8));
    }
  }
  const auto found = known->second.find(index);
  if (found == known->second.end() || found->second.size() < length)
    throw FormatError(
        fmt::format("{}: the global heap at byte {} is damaged: holds no object {} "
                    "of {} bytes",
                    file_->what(), collection, index, length));
  return found->second.substr(0, static_cast<std::size_t>(length));
}

}  // namespace nullcline::io::internal
