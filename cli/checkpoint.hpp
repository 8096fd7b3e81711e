// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <optional>
#include <string>

#include "nullcline/core/named_arrays.hpp"

namespace nullcline::cli {

/// The state of an unfinished training, beside its output: "ff.nc.checkpoint".
class Checkpoint {
 public:
  Checkpoint(const std::string& output, std::string configuration);

  const std::string& path() const { return path_; }

  /// What `save` wrote, or nothing if there is no file.
  /// @throws InvalidInput if it belongs to another configuration; FormatError if it is unusable.
  std::optional<NamedArrays> read() const;
  void save(const NamedArrays& state) const;
  void remove() const;  ///< no error if there is none

 private:
  std::string path_, configuration_;
};

}  // namespace nullcline::cli
