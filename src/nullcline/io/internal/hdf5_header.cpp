// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/hdf5_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

namespace {

constexpr std::size_t kMaxMessages = 100000;

void require_wide(Fields& fields) {
  const std::uint64_t offset_size = fields.number(1), length_size = fields.number(1);
  if (offset_size != 8 || length_size != 8)
    fields.refuse(fmt::format("found addresses of {} and lengths of {} bytes, expected 8",
                              offset_size, length_size));
}

void require_whole(const Hdf5File& file, std::uint64_t base, std::uint64_t end) {
  if (base != 0)
    throw FormatError(file.what() + ": has a user block (a MATLAB file?), which is not supported");
  if (end > file.size())
    throw FormatError(
        fmt::format("{}: is truncated: has {} bytes of {}", file.what(), file.size(), end));
}

struct Block {
  std::uint64_t address, size;
};

/// What differs between the two versions of object headers.
struct MessageFormat {
  std::size_t type_size = 2;
  std::size_t padding = 3;  ///< bytes after the flags
};

/// Messages up to the end of `fields`; where they go on elsewhere goes to `blocks`.
void read_messages(Fields& fields, const MessageFormat& format, std::vector<Message>& messages,
                   std::deque<Block>& blocks) {
  constexpr std::uint8_t kShared = 0x02;
  while (fields.left() >= format.type_size + 3 + format.padding) {
    const auto type = static_cast<MessageType>(fields.number(format.type_size));
    const std::uint64_t size = fields.number(2), flags = fields.number(1);
    fields.take(format.padding);
    const std::string_view bytes = fields.take(size);
    if (type == MessageType::continuation) {
      Fields next(bytes, fields.where());
      const std::uint64_t address = next.address();
      blocks.push_back({address, next.number(8)});
    } else {
      if (messages.size() >= kMaxMessages) fields.refuse("has too many messages");
      messages.push_back({type, (flags & kShared) != 0, std::string(bytes)});
    }
  }
}

void read_version_1(Hdf5File& file, Fields& prefix, ObjectHeader& header) {
  prefix.take(7);  // counts of messages and of references
  std::deque<Block> blocks{{header.address + 16, prefix.number(4)}};
  for (; !blocks.empty(); blocks.pop_front()) {
    Fields fields = file.fields("the object header", blocks[0].address, blocks[0].size);
    read_messages(fields, {}, header.messages, blocks);
  }
}

void read_version_2(Hdf5File& file, Fields& prefix, ObjectHeader& header) {
  const std::uint64_t flags = prefix.number(1);
  std::uint64_t prefix_size = 6;
  if ((flags & 0x20) != 0) prefix_size += 16;  // times
  if ((flags & 0x10) != 0) prefix_size += 4;   // when attributes move to a heap
  const std::size_t size_size = std::size_t{1} << (flags & 3);
  Fields size_field = file.fields("the object header", header.address + prefix_size, size_size);
  const std::uint64_t size = size_field.number(size_size);
  prefix_size += size_size;
  const MessageFormat format{1, (flags & 0x04) != 0 ? std::size_t{2} : std::size_t{0}};

  std::deque<Block> blocks;
  const auto read_block = [&](Block block, std::uint64_t start) {
    if (block.size < start + 4) prefix.refuse("has a block without a check sum");
    Fields fields = file.fields("the object header", block.address, block.size);
    fields.verify(block.size - 4);
    const std::string_view bytes = fields.take(block.size - 4);
    if (start == 4 && !bytes.starts_with("OCHK")) fields.refuse("does not go on with its mark");
    Fields messages(bytes.substr(static_cast<std::size_t>(start)), fields.where());
    read_messages(messages, format, header.messages, blocks);
  };
  if (size > file.size()) prefix.refuse("is longer than the file");
  read_block({header.address, prefix_size + size + 4}, prefix_size);
  for (; !blocks.empty(); blocks.pop_front()) read_block(blocks[0], 4);
}

}  // namespace

const Message* ObjectHeader::find(MessageType type) const {
  const auto found = std::find_if(messages.begin(), messages.end(),
                                  [&](const Message& message) { return message.type == type; });
  return found == messages.end() ? nullptr : &*found;
}

std::uint64_t read_superblock(Hdf5File& file) {
  Fields start = file.fields("the superblock", 0, 9);
  start.take(8);
  const std::uint64_t version = start.number(1);
  if (version == 2 || version == 3) {
    Fields fields = file.fields("the superblock", 0, 48);
    fields.verify(44);
    fields.take(9);
    require_wide(fields);
    fields.take(1);
    const std::uint64_t base = fields.address();
    fields.take(8);  // extension
    require_whole(file, base, fields.address());
    return fields.address();
  }
  if (version > 1) start.refuse(fmt::format("found version {}, expected 0 to 3", version));
  const std::uint64_t extra = version == 0 ? 0 : 4;
  Fields fields = file.fields("the superblock", 0, 72 + extra);
  fields.take(13);
  require_wide(fields);
  fields.take(1 + 8 + extra);
  const std::uint64_t base = fields.address();
  fields.take(8);  // free space
  require_whole(file, base, fields.address());
  fields.take(8 + 8);  // driver information, name of the root group
  return fields.address();
}

ObjectHeader read_object_header(Hdf5File& file, std::uint64_t address) {
  ObjectHeader header{address, {}};
  Fields prefix = file.fields("the object header", address, 12);
  if (prefix.number(1) == 1) {
    read_version_1(file, prefix, header);
    return header;
  }
  Fields marked = file.fields("the object header", address, 12);
  marked.expect("OHDR");
  if (marked.number(1) != 2) marked.refuse("has an unknown version");
  read_version_2(file, marked, header);
  return header;
}

}  // namespace nullcline::io::internal
