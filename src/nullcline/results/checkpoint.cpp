// SPDX-License-Identifier: BSD-3-Clause
#include "nullcline/results/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nullcline/core/error.hpp"
#include "nullcline/io/hdf5.hpp"
#include "nullcline/results/result_file.hpp"

namespace nullcline::results {

namespace {

/// "train.units: found 32, expected 64", of the first key that differs.
std::string difference(const std::string& found_text, const std::string& expected_text) {
  const auto found = nlohmann::json::parse(found_text, nullptr, false);
  const auto expected = nlohmann::json::parse(expected_text, nullptr, false);
  if (!found.is_object()) return "it says nothing about its configuration";
  const auto found_flat = found.flatten();
  const auto expected_flat = expected.flatten();
  for (const auto& [name, value] : expected_flat.items()) {
    std::string key = name.substr(1);
    std::replace(key.begin(), key.end(), '/', '.');
    if (!found_flat.contains(name))
      return fmt::format("{}: found nothing, expected {}", key, value.dump());
    if (found_flat[name] != value)
      return fmt::format("{}: found {}, expected {}", key, found_flat[name].dump(), value.dump());
  }
  return "it has other keys";
}

}  // namespace

Checkpoint::Checkpoint(std::string path, std::string configuration, std::string hint)
    : path_(std::move(path)), configuration_(std::move(configuration)), hint_(std::move(hint)) {}

std::optional<NamedArrays> Checkpoint::read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return std::nullopt;
  try {
    const NamedArrays file = read_result(path_);
    if (text_or_empty(file.attributes, kKindAttribute) != kCheckpoint)
      throw FormatError(path_ + ": not a checkpoint");
    const std::string found = text_or_empty(file.attributes, "configuration");
    if (found != configuration_)
      throw InvalidInput(fmt::format("{}: a checkpoint of another configuration ({}){}", path_,
                                     difference(found, configuration_), hint_));
    return file.group("state");
  } catch (const FormatError& failure) {
    throw FormatError(std::string(failure.what()) + hint_);
  }
}

void Checkpoint::save(const NamedArrays& state) const {
  NamedArrays file;
  file.set_group("state", state);
  stamp(file, kCheckpoint, "Unfinished training", configuration_, 0);
  io::write_hdf5(path_, file);
}

void Checkpoint::remove() const {
  std::error_code error;
  std::filesystem::remove(path_, error);
}

}  // namespace nullcline::results
