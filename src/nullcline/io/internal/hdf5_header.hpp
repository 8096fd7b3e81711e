// SPDX-License-Identifier: BSD-3-Clause
// Superblock and object headers (II, IV.A.1).
#pragma once

#include "nullcline/io/internal/hdf5_bytes.hpp"

namespace nullcline::io::internal {

/// Kinds of messages in an object header (IV.A.2).
enum class MessageType : std::uint16_t {
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0A,
  filters = 0x0B,
  attribute = 0x0C,
  continuation = 0x10,
  symbol_table = 0x11,
  attribute_info = 0x15,
};

struct Message {
  MessageType type;
  bool is_shared = false;  ///< the bytes say only where the message is
  std::string bytes;
};

struct ObjectHeader {
  std::uint64_t address = 0;
  std::vector<Message> messages;

  /// The first message of this type, or nullptr.
  const Message* find(MessageType type) const;
};

/// Address of the root group. @throws FormatError for files that are damaged or truncated, begin
/// with a user block, or whose addresses do not have 8 bytes.
std::uint64_t read_superblock(Hdf5File& file);

ObjectHeader read_object_header(Hdf5File& file, std::uint64_t address);

}  // namespace nullcline::io::internal
