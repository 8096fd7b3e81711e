// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace nullcline::io {

/// Calls `write(temporary_path)`, syncs that file, renames it to `path` and syncs the folder. If
/// anything fails the temporary file is removed and `path` is as it was.
/// @throws FormatError naming `path` and the reason; what `write` throws.
void replace_file(const std::string& path, const std::function<void(const std::string&)>& write);

/// The same for text.
void write_text(const std::string& path, std::string_view text);

/// The whole file. @throws FormatError if it cannot be read or is longer than max_bytes.
std::string read_text(const std::string& path, std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace nullcline::io
