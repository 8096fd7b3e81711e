// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/keras_file.hpp"

#include <fmt/format.h>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
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

NamedArrays with_configuration(NamedArrays arrays) {
  constexpr const char* kName = "model_config";
  if (const auto found = arrays.attributes.find(kName); found != arrays.attributes.end()) {
    arrays.attributes[kKerasConfiguration] = std::move(found->second);
    arrays.attributes.erase(kName);
  }
  return arrays;
}

}  // namespace

NamedArrays parse_keras(std::string_view bytes, const std::string& what, const ReadLimits& limits) {
  if (bytes.starts_with("PK"))
    return read_archive({bytes, what, ".keras", limits.max_arrays}, what, limits);
  return with_configuration(parse_hdf5(bytes, what, limits));
}

NamedArrays read_keras(const std::string& path, const ReadLimits& limits) {
  internal::readable_file_size(path);
  const std::string what = printable(path, path.size());
  if (internal::first_bytes(path).starts_with("PK"))
    return read_archive(internal::ZipArchive::open(path, ".keras", limits.max_arrays), what,
                        limits);
  return with_configuration(read_hdf5(path, limits));
}

}  // namespace nullcline::io
