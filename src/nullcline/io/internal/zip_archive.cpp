// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/internal/zip_archive.hpp"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "nullcline/core/error.hpp"

namespace nullcline::io::internal {

struct ZipArchive::Handle {
  explicit Handle(zip_t* opened) : archive(opened) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { zip_discard(archive); }
  zip_t* archive;
};

namespace {

using OpenMember =
    std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

/// Takes over `source`, which may be null with the reason in `error`.
zip_t* open_source(zip_source_t* source, zip_error_t& error, const std::string& what,
                   const std::string& kind) {
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    const std::string text = printable(zip_error_strerror(&error));
    zip_error_fini(&error);
    refuse(what, fmt::format("is not a {} archive: {}", kind, text));
  }
  return archive;
}

ZipMember describe_member(zip_t* archive, zip_uint64_t index, const std::string& what) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded)
    refuse(what, fmt::format("member {} of the archive is damaged", index));
  const std::string where = fmt::format("{}: member '{}'", what, printable(status.name));
  if (status.encryption_method != ZIP_EM_NONE) refuse(where, "is encrypted");
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE)
    refuse(where, fmt::format("is compressed by method {}, expected stored or deflated members",
                              status.comp_method));
  return {index, status.name, status.size, status.comp_size, status.comp_method == ZIP_CM_STORE};
}

}  // namespace

ZipArchive::ZipArchive(std::shared_ptr<Handle> handle, std::string what, std::uint64_t file_size,
                       std::uint64_t max_members)
    : handle_(std::move(handle)), what_(std::move(what)) {
  describe_members(file_size, max_members);
}

ZipArchive::ZipArchive(std::string_view bytes, std::string what, const std::string& kind,
                       std::uint64_t max_members)
    : what_(std::move(what)) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  handle_ = std::make_shared<Handle>(open_source(source, error, what_, kind));
  describe_members(bytes.size(), max_members);
}

ZipArchive ZipArchive::open(const std::string& path, const std::string& kind,
                            std::uint64_t max_members) {
  const std::uint64_t size = readable_file_size(path);
  std::string what = printable(path, path.size());
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_file_create(path.c_str(), 0, -1, &error);
  auto handle = std::make_shared<Handle>(open_source(source, error, what, kind));
  return {std::move(handle), std::move(what), size, max_members};
}

/// Everything that the central directory alone gives away.
void ZipArchive::describe_members(std::uint64_t file_size, std::uint64_t max_members) {
  const zip_int64_t n_entries = zip_get_num_entries(handle_->archive, 0);
  const auto n_members = static_cast<std::uint64_t>(std::max<zip_int64_t>(n_entries, 0));
  if (n_members > max_members)
    refuse(what_, fmt::format("holds {} arrays, the limit is {}", n_members, max_members));
  constexpr std::uint64_t kMaxDeflateRatio = 1032;  // a property of the format
  std::set<std::string_view> names;
  std::uint64_t total = 0;
  members_.reserve(n_members);
  for (zip_uint64_t index = 0; index < n_members; ++index) {
    members_.push_back(describe_member(handle_->archive, index, what_));
    const ZipMember& member = members_.back();
    if (!names.insert(member.name).second) refuse(where(member), "stands in the archive twice");
    if (member.compressed_size > file_size ||
        member.size / kMaxDeflateRatio > member.compressed_size)
      refuse(where(member), fmt::format("claims {} bytes from {} compressed ones in a file of {}",
                                        member.size, member.compressed_size, file_size));
    total += member.compressed_size;
    if (total > file_size)
      refuse(where(member),
             "overlaps other members: together they claim more bytes than the file has");
  }
}

std::string ZipArchive::where(const ZipMember& member) const {
  return fmt::format("{}: member '{}'", what_, printable(member.name));
}

const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const ZipMember& member) {
    return std::string_view(member.name) == name;
  });
  return found == members_.end() ? nullptr : &*found;
}

void ZipArchive::read(const ZipMember& member, const std::string& where,
                      const std::function<void(const ReadBytes&)>& use) const {
  const OpenMember file(zip_fopen_index(handle_->archive, member.index, 0));
  if (file == nullptr) refuse(where, printable(zip_strerror(handle_->archive)));
  const ReadBytes read_some = [&](std::span<char> buffer) {
    const zip_int64_t count = zip_fread(file.get(), buffer.data(), buffer.size());
    if (count < 0) refuse(where, "is damaged: " + printable(zip_file_strerror(file.get())));
    return static_cast<std::size_t>(count);
  };
  use(read_some);
  std::array<char, 4096> rest{};  // the checksum is compared at the member's end
  while (read_some(rest) > 0) continue;
}

std::string ZipArchive::read_text(const ZipMember& member, std::uint64_t max_size) const {
  if (member.size > max_size)
    refuse(where(member), fmt::format("has {} bytes, the limit is {}", member.size, max_size));
  std::string text;
  read(member, where(member), [&](const ReadBytes& read_some) {
    std::vector<char> buffer(std::size_t{1} << 16);
    while (const std::size_t count = read_some(buffer)) {
      if (count > max_size - text.size())
        refuse(where(member), "holds more bytes than the archive says");
      text.append(buffer.data(), count);
    }
  });
  if (text.size() != member.size) refuse(where(member), "is truncated");
  return text;
}

}  // namespace nullcline::io::internal
