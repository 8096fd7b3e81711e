// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/keras_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/hdf5_text_attribute.hpp"
#include "nullcline/io/internal/zip_archive.hpp"

namespace nullcline::io {

namespace {

using internal::printable;

constexpr std::uint64_t kMaxConfigurationBytes = std::uint64_t{1} << 22;
constexpr const char* kWeights = "model.weights.h5";

[[noreturn]] void refuse(const std::string& what, const std::string& reason) {
  throw FormatError(what + ": " + reason);
}

NamedArrays read_archive(const internal::ZipArchive& archive, const std::string& what,
                         const ReadLimits& limits) {
  const internal::ZipMember* configuration = archive.find("config.json");
  const internal::ZipMember* weights = archive.find(kWeights);
  if (configuration == nullptr || weights == nullptr)
    refuse(what, fmt::format("holds no {}, expected a .keras archive of config.json and {}",
                             configuration == nullptr ? "config.json" : kWeights, kWeights));
  const std::string text = archive.read_text(*configuration, kMaxConfigurationBytes);
  NamedArrays arrays =
      parse_hdf5(archive.read_text(*weights, limits.max_bytes), archive.where(*weights), limits);
  arrays.attributes[kKerasConfiguration] = text;
  return arrays;
}

/// The configuration of a legacy .h5 is a text of variable length, or of fixed length where it was
/// written by old versions.
void add_configuration(NamedArrays& arrays, const ReadAt& read_at) {
  constexpr const char* kName = "model_config";
  if (arrays.attributes.contains(kName)) {
    arrays.attributes[kKerasConfiguration] = arrays.attributes[kName];
    arrays.attributes.erase(kName);
  } else if (auto text = read_root_text(read_at, kName, kMaxConfigurationBytes)) {
    arrays.attributes[kKerasConfiguration] = std::move(*text);
  }
}

}  // namespace

NamedArrays parse_keras(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  if (bytes.starts_with("PK"))
    return read_archive({bytes, what, ".keras", limits.max_arrays}, what, limits);
  NamedArrays arrays = parse_hdf5(bytes, what, limits);
  add_configuration(arrays, [&](std::uint64_t offset, std::span<char> buffer) {
    if (offset > bytes.size() || buffer.size() > bytes.size() - offset) return false;
    std::copy_n(bytes.data() + offset, buffer.size(), buffer.data());
    return true;
  });
  return arrays;
}

NamedArrays read_keras(const std::string& path, const ReadLimits& limits) {
  internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  if (internal::first_bytes(path).starts_with("PK"))
    return read_archive(internal::ZipArchive::open(path, ".keras", limits.max_arrays), what,
                        limits);
  NamedArrays arrays = read_hdf5(path, limits);
  std::ifstream file(path, std::ios::binary);
  add_configuration(arrays, [&](std::uint64_t offset, std::span<char> buffer) {
    if (offset > (std::uint64_t{1} << 62)) return false;
    file.clear();
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    return static_cast<std::size_t>(file.gcount()) == buffer.size();
  });
  return arrays;
}

}  // namespace nullcline::io
