// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/io/weight_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string_view>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/io/internal/zip_archive.hpp"
#include "nullcline/io/keras_file.hpp"
#include "nullcline/io/safetensors.hpp"
#include "nullcline/io/torch_file.hpp"

namespace nullcline::io {

namespace {

WeightFormat format_of_zip(const std::string& path) {
  constexpr std::uint64_t kManyMembers = 1 << 20;  // each reader has its own limit
  const auto archive = internal::ZipArchive::open(path, "zip", kManyMembers);
  bool has_configuration = false, has_arrays = false;
  for (const internal::ZipMember& member : archive.members()) {
    if (member.name.ends_with("/data.pkl") || member.name.ends_with("/constants.pkl"))
      return WeightFormat::torch;
    has_configuration |= member.name == "config.json";
    has_arrays |= member.name.ends_with(".npy");
  }
  if (has_configuration && !has_arrays) return WeightFormat::keras;
  return WeightFormat::npz;
}

/// A tar archive's mark, where its header has it.
bool is_tar(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string mark(5, '\0');
  file.seekg(257);
  file.read(mark.data(), 5);
  return file.gcount() == 5 && mark == "ustar";
}

}  // namespace

WeightFormat weight_format(const std::string& path) {
  internal::readable_file_size(path);
  const std::string start = internal::first_bytes(path);
  if (start.starts_with("\x89HDF\r\n\x1a\n")) return WeightFormat::hdf5;
  if (start.starts_with("PK")) return format_of_zip(path);
  if (start.starts_with("\x93NUMPY")) return WeightFormat::npz;  // which refuses one array
  // Old formats of torch.save, which its reader refuses with the way out.
  if (start.starts_with("\x80") || is_tar(path)) return WeightFormat::torch;
  // Eight bytes of length, then the header's first brace.
  if (start.size() > 8 && start[8] == '{') return WeightFormat::safetensors;
  throw FormatError(
      fmt::format("{}: {}; expected .npz, .safetensors, .pt or .pth (torch.save), .keras or .h5",
                  internal::printable(path, path.size()),
                  start.empty() ? "is empty" : "starts like no known file of weights"));
}

NamedArrays read_weights(const std::string& path, const ReadLimits& limits) {
  switch (weight_format(path)) {
    case WeightFormat::npz: {
      ReadLimits npz_limits = limits;
      npz_limits.ignored.emplace_back("dale_ratio");  // PsychRNN's None, which numpy pickles
      return read_npz(path, npz_limits);
    }
    case WeightFormat::safetensors:
      return read_safetensors(path, limits);
    case WeightFormat::torch:
      return read_torch(path, limits);
    case WeightFormat::keras:
    case WeightFormat::hdf5:
      return read_keras(path, limits);
  }
  throw FormatError(path + ": is in no known format");
}

}  // namespace nullcline::io
