// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/hdf5_text_attribute.hpp"

#include <algorithm>
#include <vector>

namespace nullcline::io {

namespace {

constexpr std::uint64_t kMaxHeaderBytes = 1 << 20;
constexpr std::size_t kMaxBlocks = 64;
constexpr std::uint16_t kAttribute = 0x0C, kContinuation = 0x10;
constexpr std::uint8_t kSharedMessage = 0x02;

/// Little-endian fields from the start of some bytes; everything is 0 beyond their end, and
/// `is_good` is false from then on.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::uint64_t number(std::size_t n_bytes) {
    const std::string_view bytes = take(n_bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  bool is_good() const { return is_good_; }
  bool is_empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<std::string> bytes_at(const ReadAt& read_at, std::uint64_t offset, std::uint64_t size,
                                    std::uint64_t max_size) {
  if (size > max_size) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!read_at(offset, bytes)) return std::nullopt;
  return bytes;
}

/// Address of the root group's object header, where addresses and lengths have eight bytes.
std::optional<std::uint64_t> root_header(const ReadAt& read_at) {
  const auto start = bytes_at(read_at, 0, 48, 48);
  if (!start) return std::nullopt;
  Fields fields(*start);
  fields.take(8);
  const std::uint64_t version = fields.number(1);
  if (version == 2 || version == 3) {
    const bool is_wide = fields.number(1) == 8 && fields.number(1) == 8;
    fields.take(1 + 3 * 8);
    return is_wide ? std::optional(fields.number(8)) : std::nullopt;
  }
  if (version > 1) return std::nullopt;
  fields.take(4);
  const bool is_wide = fields.number(1) == 8 && fields.number(1) == 8;
  // Up to the root's symbol table entry, then its name; version 1 has four bytes more.
  const std::uint64_t entry = version == 0 ? 56 : 60;
  const auto address = bytes_at(read_at, entry + 8, 8, 8);
  if (!is_wide || !address) return std::nullopt;
  return Fields(*address).number(8);
}

/// A place in the global heap.
struct HeapReference {
  std::uint64_t length = 0, address = 0, index = 0;
};

std::uint64_t padded(std::uint64_t size) { return (size + 7) / 8 * 8; }

/// What the attribute message refers to, if it is the attribute `name` and one text of variable
/// length.
std::optional<HeapReference> reference_in(std::string_view message, std::string_view name) {
  Fields fields(message);
  const std::uint64_t version = fields.number(1);
  if (version < 1 || version > 3 || fields.number(1) != 0) return std::nullopt;
  const std::uint64_t name_size = fields.number(2), type_size = fields.number(2),
                      space_size = fields.number(2);
  if (version == 3) fields.take(1);
  const auto part = [&](std::uint64_t size) {
    return fields.take(version == 1 ? padded(size) : size);
  };
  const std::string_view stored = part(name_size), type = part(type_size), space = part(space_size);
  constexpr std::uint8_t kVariableLength = 9, kText = 1;
  if (!fields.is_good() || stored.substr(0, stored.find('\0')) != name || type.size() < 2 ||
      (static_cast<std::uint8_t>(type[0]) & 0x0F) != kVariableLength ||
      (static_cast<std::uint8_t>(type[1]) & 0x0F) != kText || space.size() < 2 || space[1] != 0)
    return std::nullopt;
  HeapReference reference;
  reference.length = fields.number(4);
  reference.address = fields.number(8);
  reference.index = fields.number(4);
  return fields.is_good() ? std::optional(reference) : std::nullopt;
}

std::optional<HeapReference> find_reference(const ReadAt& read_at, std::uint64_t header,
                                            std::string_view name) {
  const auto prefix = bytes_at(read_at, header, 16, 16);
  if (!prefix) return std::nullopt;
  Fields fields(*prefix);
  if (fields.number(1) != 1) return std::nullopt;
  fields.take(7);
  struct Block {
    std::uint64_t offset, size;
  };
  std::vector<Block> blocks{{header + 16, fields.number(4)}};
  for (std::size_t i = 0; i < blocks.size() && i < kMaxBlocks; ++i) {
    const auto bytes = bytes_at(read_at, blocks[i].offset, blocks[i].size, kMaxHeaderBytes);
    if (!bytes) continue;
    Fields messages(*bytes);
    while (messages.is_good() && !messages.is_empty()) {
      const std::uint64_t type = messages.number(2), size = messages.number(2);
      const std::uint64_t flags = messages.number(1);
      messages.take(3);
      const std::string_view message = messages.take(size);
      if (type == kContinuation && message.size() == 16 && blocks.size() < kMaxBlocks) {
        Fields next(message);
        const std::uint64_t offset = next.number(8);
        blocks.push_back({offset, next.number(8)});
      }
      if (type != kAttribute || (flags & kSharedMessage) != 0) continue;
      if (const auto reference = reference_in(message, name)) return reference;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_root_text(const ReadAt& read_at, std::string_view name,
                                          std::uint64_t max_size) {
  const auto header = root_header(read_at);
  const auto reference = header ? find_reference(read_at, *header, name) : std::nullopt;
  if (!reference || reference->length > max_size) return std::nullopt;
  const auto start = bytes_at(read_at, reference->address, 16, 16);
  if (!start || !start->starts_with("GCOL")) return std::nullopt;
  Fields collection(*start);
  collection.take(8);
  const std::uint64_t end = collection.number(8);
  // Objects follow each other; each moves on by at least its own 16 bytes.
  for (std::uint64_t position = 16; position < end && position < (std::uint64_t{1} << 32);) {
    const auto object = bytes_at(read_at, reference->address + position, 16, 16);
    if (!object) return std::nullopt;
    Fields fields(*object);
    const std::uint64_t index = fields.number(2);
    fields.take(6);
    const std::uint64_t size = fields.number(8);
    if (index == 0 || size > end - position) return std::nullopt;
    if (index == reference->index) {
      if (reference->length > size) return std::nullopt;
      return bytes_at(read_at, reference->address + position + 16, reference->length, max_size);
    }
    position += 16 + padded(size);
  }
  return std::nullopt;
}

}  // namespace nullcline::io
