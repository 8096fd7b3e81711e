// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/npz.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nullcline/core/error.hpp"
#include "nullcline/io/internal/zip_archive.hpp"

namespace nullcline::io {

namespace {

using internal::printable;

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

/// The array's name: the member's without ".npy".
std::string array_name(const internal::ZipArchive& archive, const internal::ZipMember& member) {
  constexpr std::string_view kSuffix = ".npy";
  if (!member.name.ends_with(kSuffix) || member.name.size() == kSuffix.size())
    refuse(archive.where(member), "is not a .npy array; is this an .npz file?");
  return member.name.substr(0, member.name.size() - kSuffix.size());
}

NamedArrays read_archive(const internal::ZipArchive& archive, const std::string& what,
                         const ReadLimits& limits) {
  for (const internal::ZipMember& member : archive.members()) array_name(archive, member);
  internal::MemoryBudget budget(limits.max_bytes);
  NamedArrays arrays;
  for (const internal::ZipMember& member : archive.members()) {
    const std::string name = array_name(archive, member);
    const std::vector<std::string>& ignored = limits.ignored;
    if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
    const std::string where = fmt::format("{}: array '{}'", what, printable(name));
    archive.read(member, where, [&](const internal::ReadBytes& read) {
      arrays.set(name, internal::read_npy_stream(read, member.size, where, budget));
    });
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
  return read_archive({bytes, what, ".npz", limits.max_arrays}, what, limits);
}

NamedArrays read_npz(const std::string& path, const ReadLimits& limits) {
  internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  require_content(internal::first_bytes(path), what);
  return read_archive(internal::ZipArchive::open(path, ".npz", limits.max_arrays), what, limits);
}

}  // namespace nullcline::io
