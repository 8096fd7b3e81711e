// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/npz.hpp"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/npy.hpp"

namespace nullcline::io {

namespace {

using internal::printable;

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

/// libzip's text, for one line.
std::string reason_of(zip_error_t& error) {
  std::string text = printable(zip_error_strerror(&error));
  zip_error_fini(&error);
  return text;
}

using Archive = std::unique_ptr<zip_t, decltype([](zip_t* archive) { zip_discard(archive); })>;
using Member = std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

/// Takes over `source`, which may be null with the reason in `error`.
Archive open_archive(zip_source_t* source, zip_error_t& error, const std::string& what) {
  Archive archive(source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error));
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    refuse(what, "is not a .npz archive: " + reason_of(error));
  }
  return archive;
}

struct MemberInfo {
  zip_uint64_t index = 0;
  std::string name;  ///< without .npy
  std::uint64_t size = 0, compressed_size = 0;
};

MemberInfo describe_member(zip_t* archive, zip_uint64_t index, const std::string& what) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                   ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded)
    refuse(what, fmt::format("member {} of the archive is damaged", index));
  const std::string_view name = status.name;
  const std::string where = fmt::format("{}: member '{}'", what, printable(name));
  if (status.encryption_method != ZIP_EM_NONE) refuse(where, "is encrypted");
  if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE)
    refuse(where, fmt::format("is compressed by method {}, expected stored or deflated members",
                              status.comp_method));
  constexpr std::string_view kSuffix = ".npy";
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size())
    refuse(where, "is not a .npy array; is this an .npz file?");
  return {index, std::string(name.substr(0, name.size() - kSuffix.size())), status.size,
          status.comp_size};
}

/// Everything that the central directory alone gives away.
std::vector<MemberInfo> describe_members(zip_t* archive, std::uint64_t archive_size,
                                         const std::string& what, const ReadLimits& limits) {
  const zip_int64_t n_entries = zip_get_num_entries(archive, 0);
  const auto n_members = static_cast<std::uint64_t>(std::max<zip_int64_t>(n_entries, 0));
  if (n_members > limits.max_arrays)
    refuse(what, fmt::format("holds {} arrays, the limit is {}", n_members, limits.max_arrays));
  constexpr std::uint64_t kMaxDeflateRatio = 1032;  // a property of the format
  std::vector<MemberInfo> members;
  std::uint64_t total = 0;
  for (zip_uint64_t index = 0; index < n_members; ++index) {
    members.push_back(describe_member(archive, index, what));
    const MemberInfo& member = members.back();
    const std::string where = fmt::format("{}: member '{}'", what, printable(member.name));
    if (member.compressed_size > archive_size ||
        member.size / kMaxDeflateRatio > member.compressed_size)
      refuse(where, fmt::format("claims {} bytes from {} compressed ones in a file of {}",
                                member.size, member.compressed_size, archive_size));
    total += member.compressed_size;
    if (total > archive_size)
      refuse(where, "overlaps other members: together they claim more bytes than the file has");
  }
  return members;
}

NamedArray read_member(zip_t* archive, const MemberInfo& member, const std::string& what,
                       internal::MemoryBudget& budget) {
  const Member file(zip_fopen_index(archive, member.index, 0));
  if (file == nullptr) refuse(what, printable(zip_strerror(archive)));
  const internal::ReadBytes read = [&](std::span<char> buffer) {
    const zip_int64_t count = zip_fread(file.get(), buffer.data(), buffer.size());
    if (count < 0) refuse(what, "is damaged: " + printable(zip_file_strerror(file.get())));
    return static_cast<std::size_t>(count);
  };
  return internal::read_npy_stream(read, member.size, what, budget);
}

NamedArrays read_archive(zip_t* archive, std::uint64_t archive_size, const std::string& what,
                         const ReadLimits& limits) {
  internal::MemoryBudget budget(limits.max_bytes);
  NamedArrays arrays;
  for (const MemberInfo& member : describe_members(archive, archive_size, what, limits)) {
    const std::string where = fmt::format("{}: array '{}'", what, printable(member.name));
    if (arrays.has(member.name)) refuse(where, "stands in the archive twice");
    NamedArray array = read_member(archive, member, where, budget);
    arrays.set(member.name, std::move(array));
  }
  return arrays;
}

void require_content(std::string_view start, const std::string& what) {
  if (start.empty()) refuse(what, "is empty, expected an .npz archive");
  if (start.starts_with("\x93NUMPY")) refuse(what, "is one .npy array, expected an .npz archive");
  if (start.starts_with("\x89HDF\r\n\x1a\n"))
    refuse(what, "is an HDF5 file, expected an .npz archive");
}

}  // namespace

NamedArrays parse_npz(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  require_content(bytes, what);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  const Archive archive = open_archive(source, error, what);
  return read_archive(archive.get(), bytes.size(), what, limits);
}

NamedArrays read_npz(const std::string& path, const ReadLimits& limits) {
  const std::uint64_t size = internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  require_content(internal::first_bytes(path), what);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_file_create(path.c_str(), 0, -1, &error);
  const Archive archive = open_archive(source, error, what);
  return read_archive(archive.get(), size, what, limits);
}

}  // namespace nullcline::io
