// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/result_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "nullcline/core/provenance.hpp"
#include "nullcline/io/hdf5.hpp"

namespace nullcline::results {

namespace fs = std::filesystem;

namespace {

/// The arguments of this process, quoted for a shell where they need it.
std::string command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string command, argument;
  while (std::getline(file, argument, '\0')) {
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:=+-@%";
    if (command.empty()) argument = fs::path(argument).filename().string();
    if (argument.empty() || argument.find_first_not_of(kPlain) != std::string::npos) {
      std::string escaped = "'";
      for (char c : argument) escaped += c == '\'' ? std::string("'\\''") : std::string(1, c);
      argument = escaped + "'";
    }
    command += (command.empty() ? "" : " ") + argument;
  }
  return command;
}

/// Fowler, Noll and Vo's hash of 64 bits.
class Fnv1a {
 public:
  void add(const void* data, std::size_t n_bytes) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < n_bytes; ++i) hash_ = (hash_ ^ bytes[i]) * 0x100000001b3;
  }
  std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

void stamp(NamedArrays& arrays, const std::string& kind, const std::string& title,
           const std::string& configuration, std::uint64_t seed) {
  for (auto& [name, value] : provenance()) arrays.attributes[name] = value;
  arrays.attributes[kKindAttribute] = kind;
  arrays.attributes["title"] = title;
  arrays.attributes["command"] = command_line();
  arrays.attributes["configuration"] = configuration;
  if (seed <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    arrays.attributes["seed"] = static_cast<std::int64_t>(seed);
  else
    arrays.attributes["seed"] = std::to_string(seed);
}

std::string text_or_empty(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return "";
  const auto* text = std::get_if<std::string>(&found->second);
  return text ? *text : "";
}

std::string fingerprint(const NamedArrays& arrays) {
  Fnv1a hash;
  for (const auto& [name, array] : arrays.all()) {
    hash.add(name.data(), name.size());
    hash.add(array.shape.data(), array.shape.size() * sizeof(array.shape[0]));
    if (std::holds_alternative<std::vector<std::string>>(array.data)) continue;
    for (double value : arrays.values(name)) hash.add(&value, sizeof value);
  }
  return hash.text();
}

std::string fingerprint(std::string_view text) {
  Fnv1a hash;
  hash.add(text.data(), text.size());
  return hash.text();
}

std::string network_fingerprint(const models::Network& network) {
  return fingerprint(models::to_arrays(network));
}

bool is_hdf5_file(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw FormatError(path + ": is a folder, expected a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FormatError(fmt::format("{}: {}", path, std::strerror(errno)));
  char head[8] = {};
  file.read(head, sizeof head);
  return file.gcount() == 8 && std::memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0;
}

NamedArrays read_result(const std::string& path) {
  if (!is_hdf5_file(path)) throw FormatError(path + ": not an HDF5 file");
  return io::read_hdf5(path);
}

}  // namespace nullcline::results
