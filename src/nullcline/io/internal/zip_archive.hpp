// SPDX-License-Identifier: BSD-3-Clause
// Zip archives from strangers: .npz, .pt, .keras.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nullcline/io/internal/npy.hpp"

namespace nullcline::io::internal {

struct ZipMember {
  std::uint64_t index = 0;
  std::string name;
  std::uint64_t size = 0, compressed_size = 0;
  bool is_stored = false;  ///< not compressed
};

/// An open archive whose directory was checked: stored or deflated members without encryption, no
/// name twice, no more members than allowed, and none that overlap or claim more bytes than
/// deflation can give. Messages start with `what`; `kind` is the file's name in them (".npz").
class ZipArchive {
 public:
  ZipArchive(std::string_view bytes, std::string what, const std::string& kind,
             std::uint64_t max_members);
  /// Opens the file `path`.
  static ZipArchive open(const std::string& path, const std::string& kind,
                         std::uint64_t max_members);

  const std::vector<ZipMember>& members() const { return members_; }
  /// The member called `name`, or null.
  const ZipMember* find(std::string_view name) const;

  /// Hands a stream over the member's decompressed bytes to `use`, which may leave some, and
  /// compares the checksum of all of them.
  void read(const ZipMember& member, const std::string& where,
            const std::function<void(const ReadBytes&)>& use) const;
  /// All bytes of a member of at most `max_size`.
  std::string read_text(const ZipMember& member, std::uint64_t max_size) const;
  /// "path: member 'name'"
  std::string where(const ZipMember& member) const;

 private:
  struct Handle;
  ZipArchive(std::shared_ptr<Handle> handle, std::string what, std::uint64_t file_size,
             std::uint64_t max_members);
  void describe_members(std::uint64_t file_size, std::uint64_t max_members);

  std::shared_ptr<Handle> handle_;
  std::string what_;
  std::vector<ZipMember> members_;
};

}  // namespace nullcline::io::internal
