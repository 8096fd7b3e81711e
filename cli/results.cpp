// SPDX-License-Identifier: BSD-3-Clause
#include "results.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>

namespace nullcline::cli {

namespace fs = std::filesystem;

namespace {

/// Permissions do not tell everything (read-only and special file systems): tries it.
void try_folder(const std::string& folder, const std::function<void(std::string)>& refuse) {
  std::string trial = folder + "/.nullcline-XXXXXX";
  const int descriptor = mkostemp(trial.data(), O_CLOEXEC);
  if (descriptor < 0)
    refuse(fmt::format("cannot be written: folder '{}': {}", folder, std::strerror(errno)));
  close(descriptor);
  unlink(trial.c_str());
}

}  // namespace

void check_output(const std::string& path, const std::vector<std::string>& inputs) {
  const auto refuse = [&](const std::string& problem) {
    throw InvalidInput(fmt::format("--output: '{}' {}", path, problem));
  };
  if (path.empty()) throw InvalidInput("--output: missing, expected the name of a file");
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none) refuse("cannot be used: " + error.message());
  if (fs::is_directory(status)) refuse("is a folder, expected the name of a file");
  if (fs::exists(status) && !fs::is_regular_file(status))
    refuse("is not a regular file, expected the name of a file");
  if (path.back() == '/') refuse("ends with '/', expected the name of a file");

  const fs::path parent = fs::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (!fs::is_directory(folder, error)) refuse(fmt::format("needs the folder '{}'", folder));
  try_folder(folder, refuse);
  for (const std::string& input : inputs)
    if (fs::equivalent(path, input, error)) refuse("is also an input");
}

}  // namespace nullcline::cli
